package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.MatrixSteps;
import io.manifoldmuon.kernels.device.RowSteps;
import io.manifoldmuon.kernels.device.SmallSteps;
import io.manifoldmuon.kernels.device.VectorProducts;
import io.manifoldmuon.kernels.host.SmallStep.Operand;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What one step of {@link MatrixSteps} does: the same as the launch that it belongs to, on a stack
 * whose members do not need each other.
 *
 * @param kind what is computed
 * @param f the number of a function, where the kind has one
 * @param operands what it reads, a result's elements taken in order by members
 * @param y the result
 * @param numbers what its code has behind the places of the operands
 * @param factors α, β and δ
 * @param rows what a step on rows has besides, or null
 */
record MatrixStep(
    int kind,
    int f,
    List<Operand> operands,
    Buffer y,
    List<Integer> numbers,
    List<Float> factors,
    OnRows rows) {

  /** The kind of y = g(f(a, b), d), or g(d, f(a, b)): two steps of the code, not one. */
  static final int ZIP_ZIP = -1;

  /**
   * What a step on the rows of all tokens has besides: members are blocks of rows.
   *
   * @param count the rows
   * @param shared what every member reads whole, a gain or a table
   * @param also another result, or null
   * @param index of the slots, a member's in order, or null
   * @param gathered where the slots' rows come from, or null
   * @param scattered where they go to, or null
   */
  record OnRows(
      int count,
      List<Buffer> shared,
      Buffer also,
      Buffer index,
      Buffer gathered,
      Buffer scattered) {

    static OnRows of(int count, Buffer... shared) {
      return new OnRows(count, List.of(shared), null, null, null, null);
    }

    OnRows also(Buffer y) {
      return new OnRows(count, shared, y, index, gathered, scattered);
    }

    /** With an index, and the rows that it leads to. */
    OnRows slots(Buffer by, Buffer from, Buffer to) {
      return new OnRows(count, shared, also, by, from, to);
    }
  }

  MatrixStep {
    operands = List.copyOf(operands);
    numbers = List.copyOf(numbers);
    factors = List.copyOf(factors);
  }

  MatrixStep(
      int kind,
      int f,
      List<Operand> operands,
      Buffer y,
      List<Integer> numbers,
      List<Float> factors) {
    this(kind, f, operands, y, numbers, factors, null);
  }

  /** A step on rows: its numbers follow the places of what it reads and of other results. */
  static MatrixStep onRows(
      int kind, Buffer y, List<Buffer> reads, double factor, OnRows rows, Integer... numbers) {
    return new MatrixStep(
        kind,
        0,
        reads.stream().map(Operand::each).toList(),
        y,
        List.of(numbers),
        List.of((float) factor),
        rows);
  }

  /** A product, m × k by k × n, plus β·E + δ·I. */
  static MatrixStep product(
      Buffer a, Buffer b, Buffer y, int k, int form, ProductLaunches.Finish f) {
    int m = y.shape().dim(-2);
    int n = y.shape().dim(-1);
    return new MatrixStep(
        MatrixSteps.PRODUCT,
        0,
        List.of(Operand.each(a), Operand.each(b), Operand.each(f.beta() == 0 ? a : f.e())),
        y,
        List.of(m, k, n, form),
        List.of((float) f.alpha(), (float) f.beta(), (float) f.delta()));
  }

  static MatrixStep addTransposed(Buffer x, Buffer y, double a, double b) {
    return new MatrixStep(
        MatrixSteps.ADD_TRANSPOSED,
        0,
        List.of(Operand.each(x)),
        y,
        List.of(y.shape().dim(-1)),
        List.of((float) a, (float) b, 0f));
  }

  static MatrixStep weighted(Buffer a, Buffer b, Buffer y, double wa, double wb, double wd) {
    return new MatrixStep(
        MatrixSteps.WEIGHTED,
        0,
        List.of(Operand.each(a), Operand.each(b)),
        y,
        List.of(wd == 0 ? 1 : y.shape().dim(-1)),
        List.of((float) wa, (float) wb, (float) wd));
  }

  static MatrixStep zipZip(int f, Operand a, Operand b, int g, Operand d, boolean swap, Buffer y) {
    return new MatrixStep(ZIP_ZIP, f, List.of(a, b, d), y, List.of(g, swap ? 1 : 0), List.of());
  }

  /** The step of a launch, if it has one. */
  static Optional<MatrixStep> of(Launch launch) {
    if (launch.matrix() != null) {
      return Optional.of(launch.matrix());
    }
    return launch.steps().size() == 1 ? of(launch.steps().getFirst()) : Optional.empty();
  }

  private static Optional<MatrixStep> of(SmallStep s) {
    return switch (s.kind()) {
      case SmallSteps.MAP, SmallSteps.ZIP, SmallSteps.LERP, SmallSteps.COPY -> {
        List<Operand> operands = new ArrayList<>(s.operands());
        while (operands.size() < 3) {
          operands.add(operands.getLast());
        }
        yield Optional.of(
            new MatrixStep(s.kind(), s.f(), operands, s.y(), List.of(0, 0), List.of()));
      }
      case SmallSteps.SUM, SmallSteps.DOT, SmallSteps.MAX_ABS ->
          s.operands().stream().allMatch(o -> o.run() == s.terms() && o.period() == 1)
              ? Optional.of(
                  new MatrixStep(s.kind(), 0, s.operands(), s.y(), List.of(s.terms()), List.of()))
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  boolean isSum() {
    return kind == SmallSteps.SUM || kind == SmallSteps.DOT || kind == SmallSteps.MAX_ABS;
  }

  boolean isProduct() {
    return kind == MatrixSteps.PRODUCT;
  }

  /** Whether it is one of the kinds that steps on rows do not have. */
  boolean isOfMatrices() {
    return rows == null
        && kind != SmallSteps.MAP
        && kind != SmallSteps.ZIP
        && kind != SmallSteps.COPY
        && kind != ZIP_ZIP;
  }

  /** Whether the operands have strides. */
  boolean isEach() {
    return !isSum()
        && !isProduct()
        && kind != MatrixSteps.ADD_TRANSPOSED
        && kind != MatrixSteps.WEIGHTED;
  }

  /** Whether the step is one for each of {@code count} members. */
  boolean suits(int count) {
    if (y.size() % count != 0) {
      return false;
    }
    if (rows != null) {
      boolean all = kind != RowSteps.GAIN_GRADIENT || y.size() == count * numbers.getFirst();
      return all && rows.count() % count == 0 && hasSmallIndices();
    }
    if (!y.isReal()) {
      return false;
    }
    if (isProduct()) {
      return y.size() == count * numbers.getFirst() * numbers.get(2) || splitsRows(count);
    }
    if (isRepeat(count)) {
      return true;
    }
    if (kind == MatrixSteps.ADD_TRANSPOSED
        || (kind == MatrixSteps.WEIGHTED && factors.get(2) != 0)) {
      return y.size() == count * numbers.getFirst() * numbers.getFirst();
    }
    return operands.stream().allMatch(o -> isOne(o) || isOneEach(o, count) || isWhole(o));
  }

  private boolean hasSmallIndices() {
    Buffer to = rows.gathered() == null ? rows.scattered() : rows.gathered();
    return to == null || to.size() / to.shape().dim(-1) < RowSteps.MOST_INDEX;
  }

  /** Whether each member makes some rows of the one product, and all read its second factor. */
  boolean splitsRows(int count) {
    if (!isProduct()) {
      return false;
    }
    int form = numbers.get(3);
    int m = numbers.getFirst();
    boolean whole = (form & (VectorProducts.TRIANGLE | VectorProducts.TRANSPOSE_A)) == 0;
    return whole
        && factors.get(2) == 0
        && y.size() == m * numbers.get(2)
        && m % count == 0
        && m > count;
  }

  /**
   * What is read into each member's own memory.
   *
   * @param split whether the second factor of a product stays where it is
   */
  List<Buffer> loaded(boolean split) {
    List<Buffer> all = new ArrayList<>(operands.stream().map(Operand::buffer).toList());
    if (split) {
      all.remove(1);
    }
    if (rows != null) {
      all.addAll(rows.shared);
      if (rows.index != null) {
        all.add(rows.index);
      }
    }
    return all;
  }

  /**
   * What is read or written where it lies, as all members need it.
   *
   * @param split whether that is the second factor of a product
   */
  List<Buffer> inPlace(boolean split) {
    if (split) {
      return List.of(operands.get(1).buffer());
    }
    return rows == null
        ? List.of()
        : Stream.of(rows.gathered, rows.scattered).filter(Objects::nonNull).toList();
  }

  /** The results that lie in each member's own memory. */
  List<Buffer> results() {
    return rows == null || rows.also == null ? List.of(y) : List.of(y, rows.also);
  }

  /** Whether each member's elements are those of one small operand, again and again. */
  boolean isRepeat(int count) {
    Operand o = operands.getFirst();
    return kind == SmallSteps.COPY
        && o.run() == 1
        && o.period() == o.buffer().size()
        && o.period() > 1
        && o.period() < y.size()
        && y.size() / count % o.period() == 0;
  }

  /** Whether all members read the one element. */
  static boolean isOne(Operand o) {
    return o.buffer().size() == 1 && o.period() == 1;
  }

  /** Whether each member reads one element of its own. */
  boolean isOneEach(Operand o, int count) {
    return !isSum()
        && o.buffer().size() == count
        && o.period() == count
        && o.run() * count == y.size();
  }

  /** Whether element i of the result reads element i, or row i of a sum. */
  private boolean isWhole(Operand o) {
    return isSum()
        ? o.buffer().size() == y.size() * numbers.getFirst()
        : o.run() == 1 && o.buffer().size() == y.size() && o.period() == y.size();
  }
}
