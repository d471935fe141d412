package io.manifoldmuon.linalg.polar;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;

/**
 * The polar factor by the singular value decomposition: msign(G) = Σ uᵢvᵢᵀ over the σᵢ &gt;
 * threshold·σ₁. Exact, and the slowest; the measure of the others.
 *
 * <p>Singular values that are rounding only have singular vectors that are noise, and a polar
 * factor that took them would turn noise into a step of full length. Below the threshold they are
 * zero, so that msign(0) = 0 and the polar factor of a matrix of rank r has rank r.
 *
 * @param threshold the share of the largest singular value that counts as zero, in [0, 1)
 */
public record PolarSvd(double threshold) implements PolarMethod {
  /** What configurations call it. */
  public static final String NAME = "svd";

  /** Above the rounding of float32 for sides of up to some thousands. */
  private static final double STANDARD = 1e-5;

  public PolarSvd {
    if (!(threshold >= 0 && threshold < 1)) {
      throw new IllegalArgumentException(
          "PolarSvd: threshold " + threshold + " given, wanted a number from 0 to below 1");
    }
  }

  /** With the threshold 1e-5, above the rounding of float32. */
  public static PolarSvd standard() {
    return new PolarSvd(STANDARD);
  }

  @Override
  public String name() {
    return NAME;
  }

  /**
   * Multiply–adds times two: 14mn² + 8n³ for the decomposition with n the short side, and the
   * products of the factors.
   *
   * <p><b>Source</b> Golub and Van Loan 2013, "Matrix Computations", figure 8.6.1 (R-SVD with thin
   * U: 6mn² + 20n³; Golub–Reinsch: 14mn² + 8n³).
   */
  @Override
  public double flops(int m, int n) {
    double longer = Math.max(m, n);
    double shorter = Math.min(m, n);
    return shorter * shorter * (14 * longer + 8 * shorter) + 4 * shorter * shorter * longer;
  }

  /**
   * Records msign(G) of every matrix of a stack.
   *
   * <p><b>Shape</b> […, m, n] → the same.
   */
  Value record(GraphBuilder g, Value G) {
    SingularValues s = SingularValues.of(g, G);
    return g.matMulNT(SingularValues.scaled(g, s.U(), s.above(g, threshold)), s.V());
  }
}
