package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.MatrixSteps;
import io.manifoldmuon.kernels.host.SmallStep.Operand;
import io.manifoldmuon.linalg.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Launches on stacks of {@code count} matrices that become one launch of {@link MatrixSteps}. */
final class MatrixRun {
  /** The elements of a cache line, which members do not share. */
  private static final int LINE = 16;

  /** The operations of launches without products that are worth joining. */
  private static final double LITTLE = 2e6;

  /** A place that the steps touch, and where a member's elements of it lie in its share. */
  private static final class Part {
    final Buffer buffer;
    final boolean shared;
    final int place;
    boolean written;

    Part(Buffer buffer, boolean shared, int place) {
      this.buffer = buffer;
      this.shared = shared;
      this.place = place;
    }
  }

  private final int count;
  private final List<GraphCycle.Step> launches = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();
  private final List<List<Integer>> codes = new ArrayList<>();
  private final List<Float> factors = new ArrayList<>();
  private final List<Part> loads = new ArrayList<>();
  private int share;
  private int products;

  MatrixRun(int count) {
    this.count = count;
  }

  List<GraphCycle.Step> launches() {
    return launches;
  }

  /**
   * Whether one launch is better than those that it is made of: where nothing is multiplied, only
   * for so little work that launches cost more.
   */
  boolean isWorthIt() {
    double flops = launches.stream().mapToDouble(l -> l.launch().flops()).sum();
    return products > 0 ? launches.size() > 2 : launches.size() > 3 && flops < LITTLE;
  }

  // ---- growing ------------------------------------------------------------------------------

  /**
   * Takes a launch, if it can be a step.
   *
   * @param needed whether a place is read after this launch, without being written before
   */
  boolean take(GraphCycle.Step launch, Predicate<Buffer> needed) {
    MatrixStep step = MatrixStep.of(launch.launch()).filter(s -> s.suits(count)).orElse(null);
    if (step == null || !fits(step) || arraysWith(step, needed) > MatrixSteps.ARRAYS) {
      return false;
    }
    append(step);
    launches.add(launch);
    return true;
  }

  /** Whether a launch could be a step of such a run, if there were room. */
  boolean suits(Launch launch) {
    return MatrixStep.of(launch).filter(s -> s.suits(count)).isPresent();
  }

  private boolean fits(MatrixStep step) {
    for (Operand o : step.operands()) {
      boolean shared = MatrixStep.isOne(o) && !isOwn(step, o);
      if (!o.buffer().isReal() || !agrees(o.buffer(), shared)) {
        return false;
      }
    }
    return agrees(step.y(), false)
        && parts.stream().noneMatch(p -> p.shared && overlap(p, step.y()));
  }

  private boolean isOwn(MatrixStep step, Operand o) {
    return count == 1 || step.isOneEach(o, count);
  }

  /** Whether a place is one of the parts, or apart from all of them. */
  private boolean agrees(Buffer b, boolean shared) {
    return parts.stream()
        .filter(p -> overlap(p, b))
        .allMatch(p -> same(p, b) && p.shared == shared && !(shared && p.written));
  }

  private static boolean same(Part p, Buffer b) {
    return p.buffer.startsWhere(b) && p.buffer.size() == b.size();
  }

  private static boolean overlap(Part p, Buffer b) {
    return overlap(p.buffer, b);
  }

  @SuppressWarnings("ReferenceEquality") // the same memory, not equal contents
  static boolean overlap(Buffer a, Buffer b) {
    return a.array() == b.array()
        && a.offset() < b.offset() + b.size()
        && b.offset() < a.offset() + a.size();
  }

  private int arraysWith(MatrixStep step, Predicate<Buffer> needed) {
    Set<TornadoNativeArray> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
    loads.forEach(p -> arrays.add(p.buffer.array()));
    parts.stream()
        .filter(p -> p.written && needed.test(p.buffer))
        .forEach(p -> arrays.add(p.buffer.array()));
    step.operands().stream()
        .map(Operand::buffer)
        .filter(b -> parts.stream().noneMatch(p -> same(p, b)))
        .forEach(b -> arrays.add(b.array()));
    arrays.add(step.y().array());
    return arrays.size();
  }

  private Part part(Buffer b, boolean shared) {
    for (Part p : parts) {
      if (same(p, b)) {
        return p;
      }
    }
    Part p = new Part(b, shared, share);
    share += (elements(p) + LINE - 1) / LINE * LINE;
    parts.add(p);
    return p;
  }

  private int elements(Part p) {
    return p.shared ? p.buffer.size() : p.buffer.size() / count;
  }

  private void append(MatrixStep step) {
    List<Integer> places = new ArrayList<>();
    List<Integer> strides = new ArrayList<>();
    for (Operand o : step.operands()) {
      boolean shared = MatrixStep.isOne(o) && !isOwn(step, o);
      Part p = part(o.buffer(), shared);
      if (!p.written && !loads.contains(p)) {
        loads.add(p);
        transfer(MatrixSteps.LOAD, p);
      }
      places.add(p.place);
      strides.add(elements(p) == 1 ? 0 : 1);
    }
    Part y = part(step.y(), false);
    y.written = true;
    List<Integer> code = new ArrayList<>(List.of(step.kind(), step.f(), y.place, elements(y)));
    if (step.isSum()) {
      code.add(places.getFirst());
      code.addAll(step.numbers());
      code.add(places.getLast());
    } else {
      code.addAll(places);
      if (step.isEach()) {
        code.addAll(strides);
      }
      code.addAll(step.numbers());
    }
    add(code, step.factors());
    if (step.isProduct()) {
      products++;
    }
  }

  private void transfer(int kind, Part p) {
    int distance = p.shared ? 0 : elements(p);
    // the array's number takes its place when all are known
    add(
        List.of(kind, 0, p.place, elements(p), parts.indexOf(p), p.buffer.offset(), distance),
        List.of());
  }

  private void add(List<Integer> code, List<Float> numbers) {
    codes.add(code);
    for (int i = 0; i < MatrixSteps.FACTORS; i++) {
      factors.add(i < numbers.size() ? numbers.get(i) : 0f);
    }
  }

  // ---- dependencies -------------------------------------------------------------------------

  /** Whether a launch may run before this run, although it was asked for after it. */
  boolean letsPass(Launch l) {
    return l.reads().stream()
            .noneMatch(b -> parts.stream().anyMatch(p -> p.written && overlap(p, b)))
        && l.writes().stream().noneMatch(b -> parts.stream().anyMatch(p -> overlap(p, b)));
  }

  // ---- the launch ---------------------------------------------------------------------------

  /**
   * The one launch of all steps.
   *
   * @param needed whether a place is read after the run
   */
  Launch launch(Predicate<Buffer> needed, ProgramMemory memory) {
    List<Part> stores = parts.stream().filter(p -> p.written && needed.test(p.buffer)).toList();
    stores.forEach(p -> transfer(MatrixSteps.STORE, p));
    List<FloatArray> arrays = new ArrayList<>();
    for (List<Part> moved : List.of(loads, stores)) {
      for (Part p : moved) {
        if (indexOf(arrays, p.buffer.array()) < 0) {
          arrays.add(p.buffer.floats());
        }
      }
    }
    IntArray code = code(arrays);
    FloatArray numbers = new FloatArray(factors.size());
    for (int i = 0; i < factors.size(); i++) {
      numbers.set(i, factors.get(i));
    }
    memory.addCodes(List.of(code, numbers));
    FloatArray work = memory.work(count * share);
    for (int i = arrays.size(); i < MatrixSteps.ARRAYS; i++) {
      arrays.add(memory.spare(i));
    }
    return launch(arrays, code, numbers, work, stores);
  }

  private Launch launch(
      List<FloatArray> x, IntArray code, FloatArray numbers, FloatArray work, List<Part> stores) {
    List<Buffer> reads = new ArrayList<>(loads.stream().map(p -> p.buffer).toList());
    reads.add(new Buffer(code, 0, Shape.of(code.getSize())));
    List<Buffer> writes = new ArrayList<>();
    for (FloatArray a : x) {
      if (stores.stream().anyMatch(p -> isIn(p, a))) {
        List<Part> here = stores.stream().filter(p -> isIn(p, a)).toList();
        writes.add(
            here.size() == 1 ? here.getFirst().buffer : new Buffer(a, 0, Shape.of(a.getSize())));
      }
    }
    double flops = launches.stream().mapToDouble(l -> l.launch().flops()).sum();
    return Launch.of(
        "matrixStepsVectorF32 " + launches.size(),
        reads,
        writes,
        Grid.covering(count, 1),
        flops,
        (g, id) ->
            g.task(
                id,
                MatrixSteps::matrixStepsVectorF32,
                new KernelContext(),
                code,
                numbers,
                work,
                x.get(0),
                x.get(1),
                x.get(2),
                x.get(3),
                x.get(4),
                x.get(5),
                x.get(6),
                x.get(7),
                x.get(8),
                x.get(9),
                x.get(10),
                x.get(11)));
  }

  @SuppressWarnings("ReferenceEquality") // the same memory, not equal contents
  private static boolean isIn(Part p, FloatArray a) {
    return p.buffer.array() == a;
  }

  @SuppressWarnings("ReferenceEquality") // the same memory, not equal contents
  private static int indexOf(List<FloatArray> arrays, TornadoNativeArray a) {
    for (int i = 0; i < arrays.size(); i++) {
      if (arrays.get(i) == a) {
        return i;
      }
    }
    return -1;
  }

  private IntArray code(List<FloatArray> arrays) {
    IntArray code = new IntArray(MatrixSteps.HEADER + MatrixSteps.LENGTH * codes.size());
    code.set(0, codes.size());
    code.set(1, share);
    code.set(2, count);
    for (int s = 0; s < codes.size(); s++) {
      List<Integer> step = codes.get(s);
      boolean moves = step.getFirst() == MatrixSteps.LOAD || step.getFirst() == MatrixSteps.STORE;
      for (int i = 0; i < step.size(); i++) {
        int number = step.get(i);
        if (moves && i == 4) {
          number = indexOf(arrays, parts.get(number).buffer.array());
        }
        code.set(MatrixSteps.HEADER + MatrixSteps.LENGTH * s + i, number);
      }
    }
    return code;
  }
}
