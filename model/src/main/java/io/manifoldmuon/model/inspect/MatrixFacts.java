package io.manifoldmuon.model.inspect;

/**
 * What was measured of one matrix W [m, n], k = min(m, n). A matrix with values that are not finite
 * has NaN for every measure.
 *
 * @param notFinite how many values are NaN or infinite
 * @param sigmaMax σ₁ = ‖W‖₂
 * @param sigmaMin σ_k
 * @param nuclear Σσ = ‖W‖_*
 * @param frobenius ‖W‖_F
 * @param radius s, for which the distance from the Stiefel manifold is measured
 * @param stiefel max|WᵀW/s² − I|, of WWᵀ where W is wide
 * @param sphere max | ‖row‖ − 1 |
 * @param longestRow the largest ‖row‖
 */
public record MatrixFacts(
    long notFinite,
    double sigmaMax,
    double sigmaMin,
    double nuclear,
    double frobenius,
    double radius,
    double stiefel,
    double sphere,
    double longestRow) {

  /** σ₁/σ_k; infinite for a singular matrix, NaN for zero. */
  public double condition() {
    return sigmaMax / sigmaMin;
  }

  static MatrixFacts unknown(long notFinite) {
    double nan = Double.NaN;
    return new MatrixFacts(notFinite, nan, nan, nan, nan, nan, nan, nan, nan);
  }
}
