package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.engine.StoragePlan;
import io.manifoldmuon.linalg.engine.StoragePlan.Scratch;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The arrays of a program and where in them its values lie.
 *
 * <ul>
 *   <li><em>state</em>: variables and constants; sent when another program or the host changed them
 *   <li><em>inputs</em>: sent with each replay
 *   <li><em>arena</em>: what lives within a replay; values of one size take over from each other
 *   <li><em>results</em>: outputs, and what kernels report of faults; fetched when asked for
 * </ul>
 */
final class ProgramMemory {
  private record Constant(double value, int size) {}

  private record Rotation(int positions, int size, double base) {}

  private record Copied(String output) {}

  /** The name of the array of faults: one element for each node that can report one. */
  private static final String FAULTS = "faults";

  private final Graph graph;
  private final StoragePlan plan;
  private final Region state = new Region();
  private final Region inputs = new Region();
  private final Region arena = new Region();
  private final Region results = new Region();
  private final Map<Integer, Object> constants = new HashMap<>();
  private final Map<Integer, Integer> faults = new HashMap<>();

  /** Plans and allocates the memory of a graph. */
  ProgramMemory(Graph graph) {
    this.graph = graph;
    this.plan =
        new StoragePlan(graph, new StoragePlan.Options(Lowering::inPlace, this::scratchOf, true));
    for (int i = 0; i < graph.nodes().size(); i++) {
      reserve(i, graph.nodes().get(i));
    }
    if (!faults.isEmpty()) {
      results.reserve(FAULTS, DType.REAL, faults.size());
    }
    for (int v = 0; v < graph.valueCount(); v++) {
      reserve(v);
    }
    graph.outputs().forEach(this::reserveCopy);
  }

  private List<Scratch> scratchOf(Node n) {
    return Lowering.scratch(n, v -> graph.type(v).shape());
  }

  // ---- places -------------------------------------------------------------------------------

  private void reserve(int index, Node n) {
    List<Scratch> scratch = scratchOf(n);
    for (int i = 0; i < scratch.size(); i++) {
      Scratch s = scratch.get(i);
      arena.reserve(plan.scratch(index, i).root(), s.dtype(), s.elements());
    }
    switch (n.op()) {
      case Op.Fill o -> {
        Constant c = new Constant(o.value(), o.shape().size());
        constants.put(n.outputs().getFirst(), c);
        state.reserve(c, DType.REAL, c.size);
        HostCopies.fill(state.at(c, 0, o.shape()), (float) o.value());
      }
      case Op.Rope o -> {
        Rotation r = rotation(n, o);
        state.reserve(r, DType.REAL, (long) r.positions * r.size);
        HostCopies.write(angles(r), AttentionLaunches.angles(r.positions, r.size, r.base));
      }
      case Op.TopK _, Op.Svd _ -> faults.put(index, faults.size());
      default -> {
        // its values are enough
      }
    }
  }

  private void reserve(int value) {
    StoragePlan.Place p = plan.place(value);
    DType dtype = graph.type(value).dtype();
    long size = plan.rootSize(value);
    switch (p.kind()) {
      case VARIABLE -> state.reserve(p.label(), dtype, size);
      case CONSTANT -> constants.putIfAbsent(value, constantOf(p.root()));
      case INPUT -> inputs.reserve(p.label(), dtype, size);
      case TRANSIENT -> arena.reserve(p.root(), dtype, size);
      case OUTPUT -> results.reserve(p.root(), dtype, size);
    }
  }

  /** The constant that a view shows. */
  private Object constantOf(Object root) {
    return constants.entrySet().stream()
        .filter(e -> plan.place(e.getKey()).root() == root)
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  /** Outputs that lie in a variable, an input or a constant are copied when a replay ends. */
  private void reserveCopy(String label, int value) {
    if (plan.place(value).kind() != StoragePlan.Kind.OUTPUT) {
      Type type = graph.type(value);
      results.reserve(new Copied(label), type.dtype(), type.shape().size());
    }
  }

  private Rotation rotation(Node n, Op.Rope o) {
    Shape x = graph.type(n.inputs().getFirst()).shape();
    return new Rotation(x.dim(1), AttentionLaunches.headSize(x, o.heads()), o.base());
  }

  private Buffer angles(Rotation r) {
    return state.at(r, 0, Shape.of(r.positions * r.size));
  }

  // ---- buffers ------------------------------------------------------------------------------

  /** Where a value lies. */
  Buffer buffer(int value) {
    StoragePlan.Place p = plan.place(value);
    Shape shape = graph.type(value).shape();
    return switch (p.kind()) {
      case VARIABLE -> state.at(p.label(), p.offset(), shape);
      case CONSTANT -> state.at(constants.get(value), p.offset(), shape);
      case INPUT -> inputs.at(p.label(), p.offset(), shape);
      case TRANSIENT -> arena.at(p.root(), p.offset(), shape);
      case OUTPUT -> results.at(p.root(), p.offset(), shape);
    };
  }

  /** The operands of node {@code index}. */
  Operands operands(int index) {
    Node n = graph.nodes().get(index);
    List<Scratch> needs = scratchOf(n);
    List<Buffer> scratch = new ArrayList<>();
    for (int i = 0; i < needs.size(); i++) {
      scratch.add(arena.at(plan.scratch(index, i).root(), 0, Shape.of(needs.get(i).elements())));
    }
    Buffer auxiliary =
        switch (n.op()) {
          case Op.Rope o -> angles(rotation(n, o));
          case Op.TopK _, Op.Svd _ -> fault(index);
          default -> null;
        };
    return new Operands(n, this::buffer, scratch, auxiliary);
  }

  /** Where node {@code index} reports a fault: 0 for none. */
  Buffer fault(int index) {
    return results.at(FAULTS, faults.get(index), Shape.scalar());
  }

  /** Where an output is read. */
  Buffer output(String label) {
    int value = graph.outputs().get(label);
    return plan.place(value).kind() == StoragePlan.Kind.OUTPUT
        ? buffer(value)
        : results.at(new Copied(label), 0, graph.type(value).shape());
  }

  // ---- arrays -------------------------------------------------------------------------------

  List<TornadoNativeArray> stateArrays() {
    return state.arrays();
  }

  List<TornadoNativeArray> inputArrays() {
    return inputs.arrays();
  }

  /** All arrays that only kernels fill. */
  List<TornadoNativeArray> otherArrays() {
    List<TornadoNativeArray> all = new ArrayList<>(arena.arrays());
    all.addAll(results.arrays());
    return all;
  }

  /** The bytes of all arrays but the variables. */
  long bytes() {
    long variables = 0;
    for (int v : graph.variables().values()) {
      variables += 4L * graph.type(v).shape().size();
    }
    return state.bytes() - variables + inputs.bytes() + arena.bytes() + results.bytes();
  }
}
