package io.manifoldmuon.linalg.polar;

import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/**
 * A way to the polar factor msign(G) = UVᵀ of G = UΣVᵀ by products alone: X₀ = G/(s·‖G‖_F), then
 * one {@link OddPolynomial} after another. All singular values of X₀ are in (0, 1/s].
 *
 * <p>The four offered ways; the error is max|1 − σ| over the singular values at the end:
 *
 * <ul>
 *   <li>{@link #cubic}: converges for σ in (0, √3), quadratically near 1; 21, 15, 10 and 6 steps
 *       bring σ₀ = 1e-3, 1e-2, 0.1 and 0.5 to 1e-6.
 *   <li>{@link #taylorQuintic}: converges cubically near 1; 14, 10, 6 and 4 steps do the same.
 *   <li>{@link #muonQuintic}: fast and not convergent: five steps bring σ₀ ≥ 1e-2 into [0.68,
 *       1.14].
 *   <li>{@link #polarExpress}: the best polynomials for σ₀ ≥ 1e-3; error 0.16, 6.5e-3, 1.1e-5 and
 *       3e-15 after 5, 6, 7 and 8 steps; then repeats the last, which converges.
 * </ul>
 *
 * @param name what configurations call it
 * @param divisor s, a little above 1 where the polynomials need room for rounding
 * @param steps the polynomials in their order
 * @param precision of the operands of the products
 */
public record PolarIteration(
    String name, double divisor, List<OddPolynomial> steps, Precision precision)
    implements PolarMethod {
  private static final OddPolynomial CUBIC = new OddPolynomial(1.5, -0.5, 0);
  static final OddPolynomial TAYLOR = new OddPolynomial(1.875, -1.25, 0.375);
  private static final OddPolynomial MUON = new OddPolynomial(3.4445, -4.7750, 2.0315);

  private static final double EXPRESS_ROOM = 1.01;
  private static final double EXPRESS_LEAST = 1e-3;

  public PolarIteration {
    if (steps.isEmpty() || !(divisor >= 1)) {
      throw new IllegalArgumentException(
          "PolarIteration: "
              + steps.size()
              + " steps and divisor "
              + divisor
              + " given, wanted at least one step and a divisor of at least 1");
    }
    steps = List.copyOf(steps);
  }

  /** In the engine's precision. */
  public PolarIteration(String name, double divisor, List<OddPolynomial> steps) {
    this(name, divisor, steps, Precision.FLOAT32);
  }

  /**
   * The same steps with products of rounded operands. The a of a step multiplies X itself, so that
   * only what a step changes is rounded.
   *
   * <p><b>Error</b> in bfloat16 a singular value is wrong by up to some 2 % of it; near 1 more
   * steps do not mend that.
   */
  public PolarIteration in(Precision newPrecision) {
    return new PolarIteration(name, divisor, steps, newPrecision);
  }

  /**
   * σ ← (3σ − σ³)/2.
   *
   * <p><b>Source</b> Björck and Bowie 1971, "An iterative algorithm for computing the best estimate
   * of an orthogonal matrix".
   */
  public static PolarIteration cubic(int steps) {
    return new PolarIteration("cubic", 1, repeated(CUBIC, steps));
  }

  /**
   * σ ← (15σ − 10σ³ + 3σ⁵)/8, the Taylor polynomial of sign at 1.
   *
   * <p><b>Source</b> Kovarik 1970, "Some iterative methods for improving orthonormality".
   */
  public static PolarIteration taylorQuintic(int steps) {
    return new PolarIteration("taylor-quintic", 1, repeated(TAYLOR, steps));
  }

  /**
   * Muon's polynomial, steep at 0; five steps are usual.
   *
   * <p><b>Source</b> Jordan 2024, "Muon: an optimizer for hidden layers in neural networks".
   */
  public static PolarIteration muonQuintic(int steps) {
    return new PolarIteration("muon-quintic", 1, repeated(MUON, steps));
  }

  /**
   * The polynomials of least error for σ₀ in [1e-3, 1], the first seven of σ/1.01 so that a
   * singular value which rounding put above 1 does not escape; from the eighth on Taylor's.
   *
   * <p><b>Source</b> Amsel et al. 2025, arXiv 2505.16932, algorithm 1 with ℓ = 1e-3.
   */
  public static PolarIteration polarExpress(int steps) {
    return polarExpress(steps, EXPRESS_LEAST);
  }

  /**
   * The same for σ₀ in [least, 1]: the larger {@code least}, the fewer steps are needed. The error,
   * which is largest at {@code least}, is 2.6e-2 after four steps of 1e-2, and 2.8e-3 after five of
   * 5e-3.
   */
  public static PolarIteration polarExpress(int steps, double least) {
    if (steps < 1 || !(least > 0 && least < 1)) {
      throw new IllegalArgumentException(
          "PolarIteration: "
              + steps
              + " steps for singular values from "
              + least
              + " given, wanted at least one step and a number above 0 and below 1");
    }
    return new PolarIteration(
        "polar-express", EXPRESS_ROOM, PolarExpress.polynomials(least, steps, EXPRESS_ROOM));
  }

  /** The names that {@link #of} takes. */
  public static List<String> names() {
    return Stream.of(cubic(1), taylorQuintic(1), muonQuintic(1), polarExpress(1))
        .map(PolarIteration::name)
        .toList();
  }

  /**
   * The iteration of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static PolarIteration of(String name, int steps) {
    return switch (name) {
      case "cubic" -> cubic(steps);
      case "taylor-quintic" -> taylorQuintic(steps);
      case "muon-quintic" -> muonQuintic(steps);
      case "polar-express" -> polarExpress(steps);
      default ->
          throw new IllegalArgumentException(
              "PolarIteration: '" + name + "' given, wanted one of " + names());
    };
  }

  /** Where a singular value σ₀ = σ/‖G‖_F of the given matrix ends. */
  public double singularValue(double sigma) {
    double s = sigma / divisor;
    for (OddPolynomial p : steps) {
      s = p.at(s);
    }
    return s;
  }

  /**
   * Multiply–adds times two for one [m, n] matrix, with n the short side and symmetric products at
   * half price: 3mn² + n³ a quintic step, 3mn² a cubic one.
   */
  @Override
  public double flops(int m, int n) {
    double longer = Math.max(m, n);
    double shorter = Math.min(m, n);
    double total = 0;
    for (OddPolynomial p : steps) {
      total += shorter * shorter * (3 * longer + (p.isCubic() ? 0 : shorter));
    }
    return total;
  }

  private static List<OddPolynomial> repeated(OddPolynomial p, int steps) {
    return Collections.nCopies(steps, p);
  }
}
