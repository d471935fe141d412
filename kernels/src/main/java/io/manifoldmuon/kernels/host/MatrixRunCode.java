package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.MatrixSteps;
import io.manifoldmuon.kernels.device.RowSteps;
import io.manifoldmuon.kernels.device.SmallSteps;
import io.manifoldmuon.kernels.host.MatrixStep.OnRows;
import io.manifoldmuon.kernels.host.MemberShare.Part;
import io.manifoldmuon.kernels.host.SmallStep.Operand;
import io.manifoldmuon.linalg.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** The code of a {@link MatrixRun}. */
final class MatrixRunCode {
  /** The numbers of a step; that of an array takes its place when all arrays are known. */
  private static final class Code {
    final int[] numbers = new int[MatrixSteps.LENGTH];
    Buffer array;
    int arrayAt;
    int next;

    Code(int kind, int f, int place, int elements) {
      add(kind, f, place, elements);
    }

    final Code add(int... more) {
      for (int n : more) {
        numbers[next++] = n;
      }
      return this;
    }

    Code addArray(Buffer b) {
      array = b;
      arrayAt = next++;
      return this;
    }
  }

  private final int count;
  private final MemberShare share;
  private final List<Part> loads = new ArrayList<>();
  private final List<Code> codes = new ArrayList<>();
  private final List<Float> factors = new ArrayList<>();
  private final List<Buffer> inPlace = new ArrayList<>();
  private final List<Buffer> scattered = new ArrayList<>();
  private int scratch = -1; // nowhere yet

  MatrixRunCode(int count) {
    this.count = count;
    this.share = new MemberShare(count);
  }

  /** Where the operands lie. */
  MemberShare share() {
    return share;
  }

  /**
   * Whether there are arrays enough for one more step.
   *
   * @param split whether the second factor of a product is read in place
   * @param needed whether a place is read after the step
   */
  boolean hasRoom(MatrixStep step, boolean split, Predicate<Buffer> needed) {
    Set<TornadoNativeArray> there = identities();
    inPlace.forEach(b -> there.add(b.array()));
    step.inPlace(split).forEach(b -> there.add(b.array()));
    if (there.size() > RowSteps.IN_PLACE) {
      return false;
    }
    Set<TornadoNativeArray> all = identities();
    all.addAll(there);
    loads.forEach(p -> all.add(p.buffer.array()));
    share.parts().stream()
        .filter(p -> p.written && needed.test(p.buffer))
        .forEach(p -> all.add(p.buffer.array()));
    step.loaded(split).stream()
        .filter(b -> share.parts().stream().noneMatch(p -> p.is(b)))
        .forEach(b -> all.add(b.array()));
    step.results().forEach(b -> all.add(b.array()));
    long integers = all.stream().filter(IntArray.class::isInstance).count();
    return integers <= RowSteps.INTEGERS && all.size() - integers <= MatrixSteps.ARRAYS;
  }

  private static Set<TornadoNativeArray> identities() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }

  // ---- steps --------------------------------------------------------------------------------

  /** Adds a step. */
  void append(MatrixStep step, boolean split, Predicate<Operand> isShared) {
    inPlace.addAll(step.inPlace(split));
    List<Part> operands = new ArrayList<>();
    for (int i = 0; i < step.operands().size(); i++) {
      Operand o = step.operands().get(i);
      operands.add(split && i == 1 ? null : loaded(o.buffer(), isShared.test(o)));
    }
    if (step.rows() != null) {
      appendOnRows(step, operands);
      return;
    }
    if (step.isProduct()) {
      appendProduct(step, split, operands);
      return;
    }
    Part y = written(step.y());
    if (step.kind() == MatrixStep.ZIP_ZIP) {
      appendZips(step, operands.get(0), operands.get(1), operands.get(2), y);
      return;
    }
    if (step.isRepeat(count)) {
      Part a = operands.getFirst();
      add(new Code(RowSteps.REPEAT, 0, y.place, y.elements).add(a.place, a.elements), List.of());
      return;
    }
    Code code = new Code(step.kind(), step.f(), y.place, y.elements);
    if (step.isSum()) {
      code.add(operands.getFirst().place).add(numbers(step)).add(operands.getLast().place);
    } else {
      operands.forEach(p -> code.add(p.place));
      if (step.isEach()) {
        operands.forEach(p -> code.add(stride(p)));
      }
      code.add(numbers(step));
    }
    add(code, step.factors());
  }

  private void appendZips(MatrixStep step, Part a, Part b, Part d, Part y) {
    int g = step.numbers().getFirst();
    int first = share.reserve(y.elements);
    addZip(step.f(), first, y.elements, a.place, stride(a), b.place, stride(b));
    if (step.numbers().getLast() == 1) {
      addZip(g, y.place, y.elements, d.place, stride(d), first, 1);
    } else {
      addZip(g, y.place, y.elements, first, 1, d.place, stride(d));
    }
  }

  private void addZip(int f, int y, int n, int a, int strideA, int b, int strideB) {
    add(new Code(SmallSteps.ZIP, f, y, n).add(a, b, 0, strideA, strideB), List.of());
  }

  private static int stride(Part p) {
    return p.elements == 1 ? 0 : 1;
  }

  private static int[] numbers(MatrixStep step) {
    return step.numbers().stream().mapToInt(Integer::intValue).toArray();
  }

  private void appendProduct(MatrixStep step, boolean split, List<Part> operands) {
    if (scratch < 0) {
      scratch = share.reserve(MatrixSteps.SCRATCH);
    }
    Part y = written(step.y());
    int[] numbers = numbers(step);
    Code code = new Code(step.kind(), 0, y.place, y.elements).add(operands.getFirst().place);
    if (split) {
      Buffer b = step.operands().get(1).buffer();
      numbers[0] /= count;
      code.add(b.offset(), operands.getLast().place).add(numbers).addArray(b);
      code.numbers[RowSteps.ROWS] = numbers[0];
    } else {
      code.add(operands.get(1).place, operands.getLast().place).add(numbers);
    }
    add(code, step.factors());
  }

  private void appendOnRows(MatrixStep step, List<Part> operands) {
    OnRows rows = step.rows();
    int members = rows.count() / count;
    List<Part> read = new ArrayList<>(operands);
    rows.shared().forEach(b -> read.add(loaded(b, true)));
    Part index = rows.index() == null ? null : loaded(rows.index(), false);
    List<Integer> places = new ArrayList<>(read.stream().map(p -> p.place).toList());
    if (index != null && rows.gathered() == null && rows.scattered() == null) {
      places.add(index.place);
    }
    if (rows.gathered() != null) {
      places.add(gather(rows.gathered(), index));
    }
    int sent = 0;
    int width = 0;
    if (rows.scattered() != null) {
      width = rows.scattered().shape().dim(-1);
      sent = share.reserve(index.elements * width);
      places.add(sent);
    }
    Part y = written(step.y());
    if (rows.also() != null) {
      places.add(written(rows.also()).place);
    }
    Code code = new Code(step.kind(), 0, y.place, y.elements);
    places.forEach(p -> code.add(p));
    code.add(numbers(step));
    code.numbers[RowSteps.ROWS] = members;
    add(code, step.factors());
    if (rows.scattered() != null) {
      Buffer z = rows.scattered();
      scattered.add(z);
      add(
          new Code(RowSteps.SCATTER, 0, sent, index.elements * width)
              .add(index.place)
              .addArray(z)
              .add(z.offset(), width),
          List.of());
    }
  }

  private int gather(Buffer z, Part index) {
    int width = z.shape().dim(-1);
    int place = share.reserve(index.elements * width);
    add(
        new Code(RowSteps.GATHER, 0, place, index.elements * width)
            .add(index.place)
            .addArray(z)
            .add(z.offset(), width),
        List.of());
    return place;
  }

  private Part loaded(Buffer b, boolean shared) {
    Part p = share.part(b, shared);
    if (!p.written && !loads.contains(p)) {
      loads.add(p);
      transfer(MatrixSteps.LOAD, p);
    }
    return p;
  }

  private Part written(Buffer b) {
    Part p = share.part(b, false);
    p.written = true;
    return p;
  }

  private void transfer(int kind, Part p) {
    add(
        new Code(kind, 0, p.place, p.elements)
            .addArray(p.buffer)
            .add(p.buffer.offset(), p.shared ? 0 : p.elements),
        List.of());
  }

  private void add(Code code, List<Float> numbers) {
    codes.add(code);
    for (int i = 0; i < MatrixSteps.FACTORS; i++) {
      factors.add(i < numbers.size() ? numbers.get(i) : 0f);
    }
  }

  // ---- the launch ---------------------------------------------------------------------------

  /**
   * The launch of all steps.
   *
   * @param onRows whether it is one of {@link RowSteps}
   * @param steps how many launches it stands for
   * @param needed whether a place is read after it
   */
  Launch launch(
      boolean onRows, int steps, double flops, Predicate<Buffer> needed, ProgramMemory memory) {
    List<Part> stores =
        share.parts().stream().filter(p -> p.written && needed.test(p.buffer)).toList();
    stores.forEach(p -> transfer(MatrixSteps.STORE, p));
    List<FloatArray> reals = new ArrayList<>();
    List<IntArray> integers = new ArrayList<>();
    Stream.of(
            inPlace.stream(), loads.stream().map(p -> p.buffer), stores.stream().map(p -> p.buffer))
        .flatMap(s -> s)
        .forEach(b -> addOnce(b, reals, integers));
    IntArray code = code(reals, integers);
    FloatArray numbers = new FloatArray(factors.size());
    for (int i = 0; i < factors.size(); i++) {
      numbers.set(i, factors.get(i));
    }
    memory.addCodes(List.of(code, numbers));
    List<TornadoNativeArray> used = new ArrayList<>(reals);
    used.addAll(integers);
    FloatArray work = memory.work(share.ofAll());
    for (int i = reals.size(); i < MatrixSteps.ARRAYS; i++) {
      reals.add(memory.spare(i));
    }
    for (int i = integers.size(); i < RowSteps.INTEGERS; i++) {
      integers.add(memory.spareIntegers(i));
    }
    List<Buffer> reads = new ArrayList<>(loads.stream().map(p -> p.buffer).toList());
    inPlace.stream().filter(b -> !isIn(scattered, b)).forEach(reads::add);
    reads.add(new Buffer(code, 0, Shape.of(code.getSize())));
    List<Buffer> writes = writes(used, stores);
    return Launch.of(
        (onRows ? "rowStepsVectorF32 " : "matrixStepsVectorF32 ") + steps,
        reads,
        writes,
        Grid.covering(count, 1),
        flops,
        onRows
            ? StepTasks.onRows(code, numbers, work, reals, integers)
            : StepTasks.onMatrices(code, numbers, work, reals));
  }

  private static void addOnce(Buffer b, List<FloatArray> reals, List<IntArray> integers) {
    if (b.isReal() && indexOf(reals, b.array()) < 0) {
      reals.add(b.floats());
    } else if (!b.isReal() && indexOf(integers, b.array()) < 0) {
      integers.add(b.ints());
    }
  }

  /** What is written in each array: one place, or all of it. */
  private List<Buffer> writes(List<TornadoNativeArray> arrays, List<Part> stores) {
    List<Buffer> writes = new ArrayList<>();
    for (TornadoNativeArray a : arrays) {
      List<Buffer> here =
          Stream.concat(stores.stream().map(p -> p.buffer), scattered.stream())
              .filter(b -> isIn(b, a))
              .toList();
      if (here.size() == 1) {
        writes.add(here.getFirst());
      } else if (!here.isEmpty()) {
        writes.add(new Buffer(a, 0, Shape.of(a.getSize())));
      }
    }
    return writes;
  }

  private static boolean isIn(List<Buffer> all, Buffer b) {
    return all.stream().anyMatch(o -> o.startsWhere(b));
  }

  @SuppressWarnings("ReferenceEquality") // the same memory, not equal contents
  private static boolean isIn(Buffer b, TornadoNativeArray a) {
    return b.array() == a;
  }

  @SuppressWarnings("ReferenceEquality") // the same memory, not equal contents
  static int indexOf(List<? extends TornadoNativeArray> arrays, TornadoNativeArray a) {
    for (int i = 0; i < arrays.size(); i++) {
      if (arrays.get(i) == a) {
        return i;
      }
    }
    return -1;
  }

  private IntArray code(List<FloatArray> reals, List<IntArray> integers) {
    IntArray all = new IntArray(MatrixSteps.HEADER + MatrixSteps.LENGTH * codes.size());
    all.set(0, codes.size());
    all.set(1, share.elements());
    all.set(2, count);
    all.set(3, scratch);
    for (int s = 0; s < codes.size(); s++) {
      Code code = codes.get(s);
      int[] numbers = Arrays.copyOf(code.numbers, MatrixSteps.LENGTH);
      if (code.array != null) {
        numbers[code.arrayAt] =
            code.array.isReal()
                ? indexOf(reals, code.array.array())
                : MatrixSteps.ARRAYS + indexOf(integers, code.array.array());
      }
      for (int i = 0; i < numbers.length; i++) {
        all.set(MatrixSteps.HEADER + MatrixSteps.LENGTH * s + i, numbers[i]);
      }
    }
    return all;
  }
}
