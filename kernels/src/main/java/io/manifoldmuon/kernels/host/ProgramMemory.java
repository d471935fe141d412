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
import java.util.function.IntFunction;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The arrays of a program and where in them its values lie.
 *
 * <ul>
 *   <li><em>state</em>: variables and constants; sent when another program or the host changed them
 *   <li><em>inputs</em>: sent with each replay
 *   <li><em>arena</em>: what lives within a replay; values of one size take over from each other
 *   <li><em>results</em>: outputs, and what kernels report of faults; fetched when asked for
 *   <li>pools of small <em>values</em>, inputs and constants, for {@link SmallLaunches}
 * </ul>
 */
final class ProgramMemory {
  private record Constant(double value, int size) {}

  private record Rotation(int positions, int size, double base) {}

  private record Copied(String output) {}

  /** The factors of a weighted sum of small values. */
  private record Factors(double a, double b) {}

  /** The name of the array of faults: one element for each node that can report one. */
  private static final String FAULTS = "faults";

  private final Graph graph;
  private final TensorCores tensor;
  private final StoragePlan plan;
  private final Region state = new Region();
  private final Region inputs = new Region();
  private final Region arena = new Region();
  private final Region results = new Region();
  private final SmallValues small;
  private final int mostRead;
  private final Pool values = new Pool();
  private final Pool smallInputs = new Pool();
  private final Pool smallConstants = new Pool();
  private final List<TornadoNativeArray> codes = new ArrayList<>();
  private final List<FloatArray> spares = new ArrayList<>();
  private final List<IntArray> spareIntegers = new ArrayList<>();
  private final List<FloatArray> works = new ArrayList<>();
  private final Map<Integer, Object> constants = new HashMap<>();
  private final Map<Integer, Integer> faults = new HashMap<>();

  /**
   * Plans and allocates the memory of a graph.
   *
   * @param tensor the graph, and which of its products are of packed operands
   * @param mostRead the elements of a value elsewhere that steps on small values read at most
   */
  ProgramMemory(TensorCores tensor, int mostRead) {
    this.graph = tensor.graph();
    this.tensor = tensor;
    this.plan =
        new StoragePlan(
            graph,
            new StoragePlan.Options(Lowering::inPlace, this::scratchOf, true, SmallValues.MOST));
    this.small = new SmallValues(graph, plan, this::scratchElements, mostRead);
    this.mostRead = mostRead;
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
    graph.nodes().forEach(this::fill);
  }

  private List<Scratch> scratchOf(Node n) {
    IntFunction<Shape> shapes = v -> graph.type(v).shape();
    return tensor.products().contains(n)
        ? TensorLaunches.scratch(n, shapes)
        : Lowering.scratch(n, shapes);
  }

  private int scratchElements(Node n) {
    return scratchOf(n).stream().mapToInt(Scratch::elements).sum();
  }

  /** Whether the scratch memory of a node holds small values: parts of sums, or scalars. */
  private boolean hasSmallScratch(Node n) {
    return scratchElements(n) <= SmallValues.MOST
        && switch (n.op()) {
          case Op.Sum _, Op.Dot _, Op.MaxAbs _ -> small.contains(n.outputs().getFirst());
          case Op.AdamW _ ->
              n.inputs().subList(4, n.inputs().size()).stream().allMatch(small::isPooled);
          default -> false;
        };
  }

  // ---- places -------------------------------------------------------------------------------

  private void reserve(int index, Node n) {
    List<Scratch> scratch = scratchOf(n);
    for (int i = 0; i < scratch.size(); i++) {
      Scratch s = scratch.get(i);
      Object root = plan.scratch(index, i).root();
      if (hasSmallScratch(n)) {
        values.reserve(root, s.elements());
      } else {
        arena.reserve(root, s.dtype(), s.elements());
      }
    }
    switch (n.op()) {
      case Op.Fill o -> {
        Constant c = new Constant(o.value(), o.shape().size());
        constants.put(n.outputs().getFirst(), c);
        if (c.size <= SmallValues.MOST) {
          smallConstants.reserve(c, c.size);
        } else {
          state.reserve(c, DType.REAL, c.size);
        }
      }
      case Op.Rope o -> {
        Rotation r = rotation(n, o);
        state.reserve(r, DType.REAL, (long) r.positions * r.size);
        HostCopies.write(angles(r), AttentionLaunches.angles(r.positions, r.size, r.base));
      }
      case Op.TopK _, Op.Svd _ -> faults.put(index, faults.size());
      case Op.WeightedSum o -> {
        if (small.contains(n.outputs().getFirst())) {
          smallConstants.reserve(new Factors(o.a(), o.b()), 2);
        }
      }
      default -> {
        // its values are enough
      }
    }
  }

  /** Writes the constants of a node, once all places are known. */
  private void fill(Node n) {
    if (n.op() instanceof Op.Fill o) {
      Constant c = new Constant(o.value(), o.shape().size());
      HostCopies.fill(constant(c, 0, o.shape()), (float) o.value());
    } else if (n.op() instanceof Op.WeightedSum o) {
      Buffer factors = factors(n, o);
      if (factors != null) {
        HostCopies.write(factors, new float[] {(float) o.a(), (float) o.b()});
      }
    }
  }

  private Buffer constant(Object constant, long offset, Shape shape) {
    return smallConstants.holds(constant)
        ? smallConstants.at(constant, offset, shape)
        : state.at(constant, offset, shape);
  }

  private Buffer factors(Node n, Op.WeightedSum o) {
    return small.contains(n.outputs().getFirst())
        ? smallConstants.at(new Factors(o.a(), o.b()), 0, Shape.of(2))
        : null;
  }

  private void reserve(int value) {
    StoragePlan.Place p = plan.place(value);
    DType dtype = graph.type(value).dtype();
    long size = plan.rootSize(value);
    if (small.contains(value)) {
      values.reserve(p.root(), Math.toIntExact(size));
      return;
    }
    if (small.isInput(value)) {
      smallInputs.reserve(p.label(), Math.toIntExact(size));
      return;
    }
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
        .filter(e -> plan.place(e.getKey()).root().equals(root))
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
    if (small.contains(value)) {
      return values.at(p.root(), p.offset(), shape);
    }
    if (small.isInput(value)) {
      return smallInputs.at(p.label(), p.offset(), shape);
    }
    return switch (p.kind()) {
      case VARIABLE -> state.at(p.label(), p.offset(), shape);
      case CONSTANT -> constant(constants.get(value), p.offset(), shape);
      case INPUT -> inputs.at(p.label(), p.offset(), shape);
      case TRANSIENT -> arena.at(p.root(), p.offset(), shape);
      case OUTPUT -> results.at(p.root(), p.offset(), shape);
    };
  }

  /** The memory that the kernels of node {@code index} need besides its operands. */
  List<Buffer> scratch(int index) {
    List<Scratch> needs = scratchOf(graph.nodes().get(index));
    List<Buffer> scratch = new ArrayList<>();
    for (int i = 0; i < needs.size(); i++) {
      Object root = plan.scratch(index, i).root();
      Shape shape = Shape.of(needs.get(i).elements());
      scratch.add(values.holds(root) ? values.at(root, 0, shape) : arena.at(root, 0, shape));
    }
    return scratch;
  }

  /** The operands of node {@code index}. */
  Operands operands(int index) {
    Node n = graph.nodes().get(index);
    Buffer auxiliary =
        switch (n.op()) {
          case Op.Rope o -> angles(rotation(n, o));
          case Op.TopK _, Op.Svd _ -> fault(index);
          case Op.WeightedSum o -> factors(n, o);
          default -> null;
        };
    return new Operands(n, this::buffer, scratch(index), auxiliary);
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

  /** The pool of small values that kernels make. */
  Pool values() {
    return values;
  }

  /** The pool of small inputs. */
  Pool smallInputs() {
    return smallInputs;
  }

  /** The pool of small constants. */
  Pool constants() {
    return smallConstants;
  }

  /** Adds the steps of launches whose steps are data. */
  void addCodes(List<? extends TornadoNativeArray> more) {
    codes.addAll(more);
  }

  /** Memory of at least so many elements for the steps of one launch. */
  FloatArray work(int elements) {
    for (FloatArray w : works) {
      if (w.getSize() >= elements) {
        return w;
      }
    }
    works.add(new FloatArray(elements));
    return works.getLast();
  }

  /** The elements of a value elsewhere that steps on small values read at most. */
  int mostRead() {
    return mostRead;
  }

  /** An array that stands where a kernel takes more than there are. */
  FloatArray spare(int place) {
    while (spares.size() <= place) {
      spares.add(new FloatArray(1));
    }
    return spares.get(place);
  }

  /** The same of integers. */
  IntArray spareIntegers(int place) {
    while (spareIntegers.size() <= place) {
      spareIntegers.add(new IntArray(1));
    }
    return spareIntegers.get(place);
  }

  /** Whether what lies there may be read after a replay. */
  boolean outlivesReplay(Buffer b) {
    return !arena.holds(b);
  }

  List<TornadoNativeArray> stateArrays() {
    List<TornadoNativeArray> all = new ArrayList<>(state.arrays());
    all.add(smallConstants.array());
    all.addAll(codes);
    return all;
  }

  List<TornadoNativeArray> inputArrays() {
    List<TornadoNativeArray> all = new ArrayList<>(inputs.arrays());
    all.add(smallInputs.array());
    return all;
  }

  /** All arrays that only kernels fill. */
  List<TornadoNativeArray> otherArrays() {
    List<TornadoNativeArray> all = new ArrayList<>(arena.arrays());
    all.addAll(results.arrays());
    all.add(values.array());
    all.addAll(spares);
    all.addAll(spareIntegers);
    all.addAll(works);
    return all;
  }

  /** The bytes of all arrays but the variables. */
  long bytes() {
    long variables = 0;
    for (int v : graph.variables().values()) {
      variables += 4L * graph.type(v).shape().size();
    }
    long all = 0;
    for (List<TornadoNativeArray> arrays : List.of(stateArrays(), inputArrays(), otherArrays())) {
      all += arrays.stream().mapToLong(a -> 4L * a.getSize()).sum();
    }
    return all - variables;
  }
}
