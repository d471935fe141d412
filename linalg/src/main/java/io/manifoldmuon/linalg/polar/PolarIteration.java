package io.manifoldmuon.linalg.polar;

import java.util.ArrayList;
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
 */
public record PolarIteration(String name, double divisor, List<OddPolynomial> steps)
    implements PolarMethod {
  private static final OddPolynomial CUBIC = new OddPolynomial(1.5, -0.5, 0);
  private static final OddPolynomial TAYLOR = new OddPolynomial(1.875, -1.25, 0.375);
  private static final OddPolynomial MUON = new OddPolynomial(3.4445, -4.7750, 2.0315);

  private static final double EXPRESS_ROOM = 1.01;
  private static final List<OddPolynomial> EXPRESS =
      List.of(
          new OddPolynomial(8.28721201814563, -23.595886519098837, 17.300387312530933),
          new OddPolynomial(4.107059111542203, -2.9478499167379106, 0.5448431082926601),
          new OddPolynomial(3.9486908534822946, -2.908902115962949, 0.5518191394370137),
          new OddPolynomial(3.3184196573706015, -2.488488024314874, 0.51004894012372),
          new OddPolynomial(2.300652019954817, -1.6689039845747493, 0.4188073119525673),
          new OddPolynomial(1.891301407787398, -1.2679958271945868, 0.37680408948524835),
          new OddPolynomial(1.8750014808534479, -1.2500016453999487, 0.3750001645474248),
          TAYLOR);

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
   * The polynomials of least error for σ₀ in [1e-3, 1], each but the eighth of σ/1.01 so that a
   * singular value which rounding put above 1 does not escape; the eighth is repeated beyond.
   *
   * <p><b>Source</b> Amsel et al. 2025, arXiv 2505.16932, algorithm 1 with ℓ = 1e-3.
   */
  public static PolarIteration polarExpress(int steps) {
    List<OddPolynomial> all = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      int last = EXPRESS.size() - 1;
      all.add(i < last ? EXPRESS.get(i).ofQuotient(EXPRESS_ROOM) : EXPRESS.get(last));
    }
    return new PolarIteration("polar-express", EXPRESS_ROOM, all);
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
