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
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The arrays of a program and where in them its values lie.
 *
 * <ul>
 *   <li><em>state</em>: variables and constants; sent when another program or the host changed them
 *   <li><em>inputs</em>: sent with each replay
 *   <li><em>arena</em>: all that lives within a replay
 *   <li><em>small outputs</em>: those that are read often, and what kernels report of faults
 *   <li><em>large outputs</em>: an array each, fetched when asked for
 * </ul>
 */
final class ProgramMemory {
  /** Outputs up to this many elements are fetched together. */
  private static final int SMALL = 1024;

  private record Rotation(int positions, int size, double base) {}

  private record Fault(int node) {}

  private record Copied(String output) {}

  private final Graph graph;
  private final StoragePlan plan;
  private final boolean packed;
  private final Region state;
  private final Region inputs;
  private final Region arena;
  private final Region small;
  private final Region large;
  private final Map<Object, Region> outputRegions = new HashMap<>();

  /**
   * Plans and allocates the memory of a graph.
   *
   * @param packed whether values share arrays
   */
  ProgramMemory(Graph graph, boolean packed) {
    this.graph = graph;
    this.packed = packed;
    this.plan =
        new StoragePlan(
            graph, new StoragePlan.Options(Lowering::inPlace, n -> scratchOf(graph, n), true));
    state = new Region(packed);
    inputs = new Region(packed);
    arena = new Region(packed);
    small = new Region(packed);
    large = new Region(false);
    for (int v = 0; v < graph.valueCount(); v++) {
      reserve(v);
    }
    for (int i = 0; i < graph.nodes().size(); i++) {
      reserve(i, graph.nodes().get(i));
    }
    graph.outputs().forEach(this::reserveCopy);
    List.of(state, inputs, arena, small, large).forEach(Region::allocate);
    graph.nodes().forEach(this::fillConstants);
  }

  private static Scratch scratchOf(Graph graph, Node n) {
    return Lowering.scratch(n, v -> graph.type(v).shape());
  }

  // ---- places -------------------------------------------------------------------------------

  private void reserve(int value) {
    StoragePlan.Place p = plan.place(value);
    DType dtype = graph.type(value).dtype();
    long size = plan.rootSize(value);
    switch (p.kind()) {
      case VARIABLE -> state.reserve(p.label(), dtype, size);
      case CONSTANT -> state.reserve(p.root(), dtype, size);
      case INPUT -> inputs.reserve(p.label(), dtype, size);
      case TRANSIENT -> {
        if (packed) {
          arena.reserve(ProgramMemory.class, dtype, plan.arenaSize(dtype));
        } else {
          arena.reserve(p.root(), dtype, size);
        }
      }
      case OUTPUT -> {
        outputRegions.put(p.root(), size <= SMALL ? small : large);
        outputRegions.get(p.root()).reserve(p.root(), dtype, size);
      }
    }
  }

  private void reserve(int index, Node n) {
    Scratch scratch = scratchOf(graph, n);
    if (scratch.elements() > 0) {
      if (packed) {
        arena.reserve(ProgramMemory.class, scratch.dtype(), plan.arenaSize(scratch.dtype()));
      } else {
        arena.reserve(n, scratch.dtype(), scratch.elements());
      }
    }
    if (n.op() instanceof Op.Rope o) {
      Rotation r = rotation(n, o);
      state.reserve(r, DType.REAL, (long) r.positions * r.size);
    } else if (n.op() instanceof Op.TopK) {
      small.reserve(new Fault(index), DType.REAL, 1);
    }
  }

  /** Outputs that lie in a variable, an input or a constant are copied when a replay ends. */
  private void reserveCopy(String label, int value) {
    if (plan.place(value).kind() != StoragePlan.Kind.OUTPUT) {
      Type type = graph.type(value);
      long size = type.shape().size();
      outputRegions.put(new Copied(label), size <= SMALL ? small : large);
      outputRegions.get(new Copied(label)).reserve(new Copied(label), type.dtype(), size);
    }
  }

  private Rotation rotation(Node n, Op.Rope o) {
    Shape x = graph.type(n.inputs().getFirst()).shape();
    return new Rotation(x.dim(1), AttentionLaunches.headSize(x, o.heads()), o.base());
  }

  private void fillConstants(Node n) {
    if (n.op() instanceof Op.Fill o) {
      Buffer b = buffer(n.outputs().getFirst());
      HostCopies.fill(b, (float) o.value());
    } else if (n.op() instanceof Op.Rope o) {
      Rotation r = rotation(n, o);
      HostCopies.write(
          angles(r), AttentionLaunches.angles(r.positions, r.size, r.base));
    }
  }

  private Buffer angles(Rotation r) {
    return state.at(r, DType.REAL, 0, Shape.of(r.positions * r.size));
  }

  // ---- buffers ------------------------------------------------------------------------------

  /** Where a value lies. */
  Buffer buffer(int value) {
    StoragePlan.Place p = plan.place(value);
    Type type = graph.type(value);
    DType dtype = type.dtype();
    return switch (p.kind()) {
      case VARIABLE -> state.at(p.label(), dtype, p.offset(), type.shape());
      case CONSTANT -> state.at(p.root(), dtype, p.offset(), type.shape());
      case INPUT -> inputs.at(p.label(), dtype, p.offset(), type.shape());
      case TRANSIENT ->
          packed
              ? arena.at(ProgramMemory.class, dtype, p.offset(), type.shape())
              : arena.at(p.root(), dtype, plan.offset(value), type.shape());
      case OUTPUT -> outputRegions.get(p.root()).at(p.root(), dtype, p.offset(), type.shape());
    };
  }

  /** The operands of node {@code index}. */
  Operands operands(int index) {
    Node n = graph.nodes().get(index);
    Scratch s = scratchOf(graph, n);
    Buffer scratch = null;
    if (s.elements() > 0) {
      Shape shape = Shape.of(s.elements());
      scratch =
          packed
              ? arena.at(ProgramMemory.class, s.dtype(), plan.scratch(index), shape)
              : arena.at(n, s.dtype(), 0, shape);
    }
    Buffer auxiliary =
        switch (n.op()) {
          case Op.Rope o -> angles(rotation(n, o));
          case Op.TopK _ -> fault(index);
          default -> null;
        };
    return new Operands(n, this::buffer, scratch, auxiliary);
  }

  /** Where node {@code index} reports a fault: 0 for none. */
  Buffer fault(int index) {
    return small.at(new Fault(index), DType.REAL, 0, Shape.scalar());
  }

  /** Where an output is read. */
  Buffer output(String label) {
    int value = graph.outputs().get(label);
    Region copied = outputRegions.get(new Copied(label));
    Type type = graph.type(value);
    return copied == null
        ? buffer(value)
        : copied.at(new Copied(label), type.dtype(), 0, type.shape());
  }

  // ---- arrays -------------------------------------------------------------------------------

  List<TornadoNativeArray> stateArrays() {
    return state.arrays();
  }

  List<TornadoNativeArray> inputArrays() {
    return inputs.arrays();
  }

  List<TornadoNativeArray> smallArrays() {
    return small.arrays();
  }

  /** All arrays that stay on the device between the graphs of a program, but state and inputs. */
  List<TornadoNativeArray> otherArrays() {
    List<TornadoNativeArray> all = new ArrayList<>(arena.arrays());
    all.addAll(small.arrays());
    all.addAll(large.arrays());
    return all;
  }

  /** The bytes of all arrays but the variables. */
  long bytes() {
    long variables = 0;
    for (int v : graph.variables().values()) {
      variables += 4L * graph.type(v).shape().size();
    }
    return state.bytes()
        - variables
        + inputs.bytes()
        + arena.bytes()
        + small.bytes()
        + large.bytes();
  }

  /** Whether an array holds reals. */
  static boolean isReal(TornadoNativeArray array) {
    return array instanceof FloatArray;
  }
}
