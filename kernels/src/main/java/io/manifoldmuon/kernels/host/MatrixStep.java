package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.MatrixSteps;
import io.manifoldmuon.kernels.device.SmallSteps;
import io.manifoldmuon.kernels.host.SmallStep.Operand;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
 */
record MatrixStep(
    int kind, int f, List<Operand> operands, Buffer y, List<Integer> numbers, List<Float> factors) {

  MatrixStep {
    operands = List.copyOf(operands);
    numbers = List.copyOf(numbers);
    factors = List.copyOf(factors);
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
    return new MatrixStep(
        MatrixSteps.ZIP_ZIP, f, List.of(a, b, d), y, List.of(g, swap ? 1 : 0), List.of());
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

  /** Whether the operands have strides. */
  boolean isEach() {
    return !isSum()
        && !isProduct()
        && kind != MatrixSteps.ADD_TRANSPOSED
        && kind != MatrixSteps.WEIGHTED;
  }

  /** Whether the step is one for each of {@code count} members. */
  boolean suits(int count) {
    if (y.size() % count != 0 || !y.isReal()) {
      return false;
    }
    if (isProduct()) {
      return y.size() == count * numbers.getFirst() * numbers.get(2);
    }
    if (kind == MatrixSteps.ADD_TRANSPOSED
        || (kind == MatrixSteps.WEIGHTED && factors.get(2) != 0)) {
      return y.size() == count * numbers.getFirst() * numbers.getFirst();
    }
    return operands.stream().allMatch(o -> isOne(o) || isOneEach(o, count) || isWhole(o));
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
