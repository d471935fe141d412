package io.manifoldmuon.linalg.polar;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;

/**
 * Records the polar factor msign(G) = UVᵀ, for G = UΣVᵀ, of every matrix of a stack, by the
 * products of a {@link PolarIteration}, with Gram matrices on the short side, or by another {@link
 * PolarMethod}.
 *
 * <p>msign(cG) = msign(G) for c &gt; 0; the polar factor of zero is zero; a NaN stays visible in
 * its matrix, or ends the replay of {@link PolarSvd}.
 */
public final class Msign {
  /** Norms below it count as it, so that a zero matrix stays zero; far below any gradient. */
  private static final double LEAST_NORM = 1e-18;

  /** δ of {@link #recordOnGram}: above the rounding of a Gram matrix in float32. */
  static final double GRAM_SHIFT = 3e-7;

  private Msign() {}

  /**
   * By any method.
   *
   * <p><b>Shape</b> […, m, n] → the same.
   */
  public static Value record(GraphBuilder g, Value G, PolarMethod method) {
    return switch (method) {
      case PolarIteration iteration -> record(g, G, iteration);
      case PolarSvd svd -> svd.record(g, G);
    };
  }

  /**
   * X₀ = G/(s‖G‖_F), then X ← aX + bX(XᵀX) + cX(XᵀX)² step by step.
   *
   * <p><b>Shape</b> […, m, n] → the same.
   *
   * <p><b>Error</b> {@link PolarIteration#singularValue}, and in float32 some 1e-6 of rounding.
   */
  public static Value record(GraphBuilder g, Value G, PolarIteration iteration) {
    Value X = normalized(g, G, iteration.divisor());
    for (OddPolynomial p : iteration.steps()) {
      X =
          switch (iteration.precision()) {
            case FLOAT32 -> step(g, X, p);
            case BFLOAT16 -> roundedStep(g, X, p);
          };
    }
    return X;
  }

  /**
   * The iteration on R = X₀ᵀX₀ + δI alone: Q ← Q·p(R), R ← R·p(R)², and in the end X₀·Q. Two
   * products with the long side in all instead of two a step, and symmetric ones.
   *
   * <p><b>Error</b> R squares the singular values, so that in float32 those below some 3e-4·‖G‖_F
   * are lost in rounding. With δ = 3e-7 they come out small, σ₀/√(σ₀² + δ) for σ₀ of X₀, in place
   * of anything, and no direction grows beyond 1.
   *
   * <p><b>Source</b> Gram Newton–Schulz, 2026.
   */
  public static Value recordOnGram(GraphBuilder g, Value G, PolarIteration iteration) {
    if (iteration.precision() != Precision.FLOAT32) {
      throw new IllegalArgumentException(
          "Msign: an iteration in "
              + iteration.precision()
              + " given, wanted FLOAT32 where the singular values are squared first");
    }
    Value X = normalized(g, G, iteration.divisor());
    ShortSide side = ShortSide.of(g, X.shape());
    Value R = side.gram(X);
    R = g.weightedSum(1, R, 0, R, GRAM_SHIFT);
    Value Q = null;
    int last = iteration.steps().size() - 1;
    for (int i = 0; i <= last; i++) {
      Value P = polynomial(g, R, iteration.steps().get(i));
      Q = Q == null ? P : g.symmetricMatMul(Q, P);
      R = i == last ? null : g.symmetricMatMul(g.symmetricMatMul(R, P), P);
    }
    return side.times(X, Q);
  }

  /**
   * {@code count} steps X ← X(15·I − 10·R + 3·R²)/8 with R = XᵀX, without normalisation: the
   * retraction of an X that is near the manifold XᵀX = I. All steps are taken on E = R − I, and
   * their product is applied as a correction, so that rounding is relative to what is wrong with X:
   *
   * <pre>
   *   D = −½E + ⅜E²      F ← F + D + FD      E ← ⅝E³ − 15/64·E⁴ + 9/64·E⁵
   *   X ← X + XF         in the end: two products with the long side in all
   * </pre>
   *
   * <p><b>Error</b> a step takes a singular value 1 + e to about 1 + 2.5e³; in float32 the residual
   * max|XᵀX − I| is some 5e-7 then.
   */
  public static Value retraction(GraphBuilder g, Value X, int count) {
    ShortSide side = ShortSide.of(g, X.shape());
    Value R = side.gram(X);
    Value E = g.weightedSum(1, R, 0, R, -1);
    Value F = null;
    for (int i = 1; i <= count; i++) {
      Value square = g.gram(E, false);
      Value D = g.weightedSum(-0.5, E, 0.375, square);
      F = F == null ? D : g.weightedSum(1, g.add(F, D), 1, g.symmetricMatMul(F, D));
      if (i < count) {
        Value lower = g.weightedSum(0.625, E, -15.0 / 64, square);
        Value cube = g.symmetricMatMul(square, E);
        E = g.symmetricMatMul(square, g.weightedSum(1, lower, 9.0 / 64, cube));
      }
    }
    return g.weightedSum(1, X, 1, side.times(X, F));
  }

  /** X·(aI + bR + cR²) with R = XᵀX. */
  private static Value step(GraphBuilder g, Value X, OddPolynomial p) {
    ShortSide side = ShortSide.of(g, X.shape());
    return side.times(X, polynomial(g, side.gram(X), p));
  }

  /** aX + X·(bR + cR²) with R = XᵀX, all products of operands in bfloat16. */
  private static Value roundedStep(GraphBuilder g, Value X, OddPolynomial p) {
    ShortSide side = ShortSide.of(g, X.shape());
    Value rounded = rounded(g, X);
    Value R = side.gram(rounded);
    Value change =
        p.isCubic()
            ? g.scale(R, p.b())
            : g.weightedSum(p.b(), R, p.c(), g.gram(rounded(g, R), false));
    return g.weightedSum(p.a(), X, 1, side.times(rounded, rounded(g, change)));
  }

  private static Value rounded(GraphBuilder g, Value x) {
    return g.map(Unary.ROUND_BFLOAT16, x);
  }

  /** aI + bR + cR² of a symmetric R. */
  static Value polynomial(GraphBuilder g, Value R, OddPolynomial p) {
    Value square = p.isCubic() ? R : g.gram(R, false);
    return g.weightedSum(p.b(), R, p.c(), square, p.a());
  }

  /** G/(s‖G‖_F), one norm a matrix. */
  static Value normalized(GraphBuilder g, Value G, double s) {
    return g.div(G, g.zip(Binary.MAX, g.scale(norm(g, G), s), g.constant(LEAST_NORM)));
  }

  /** ‖X‖_F of each matrix of a stack: […, m, n] → […]. */
  public static Value norm(GraphBuilder g, Value X) {
    Shape s = X.shape();
    return g.map(Unary.SQRT, g.dot(X, X, s.rank() - 2));
  }
}
