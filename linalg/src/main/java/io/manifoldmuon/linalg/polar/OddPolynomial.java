package io.manifoldmuon.linalg.polar;

/**
 * One step X ← aX + bX(XᵀX) + cX(XᵀX)², which maps every singular value σ of X to aσ + bσ³ + cσ⁵
 * and leaves the singular vectors alone.
 */
public record OddPolynomial(double a, double b, double c) {

  /** aσ + bσ³ + cσ⁵. */
  public double at(double sigma) {
    double s = sigma * sigma;
    return sigma * (a + s * (b + s * c));
  }

  /** The polynomial in σ/d, for steps whose input may exceed 1 by a factor of d. */
  OddPolynomial ofQuotient(double d) {
    double s = d * d;
    return new OddPolynomial(a / d, b / (d * s), c / (d * s * s));
  }

  /** Whether there is no term of degree 5, which saves a product. */
  public boolean isCubic() {
    return c == 0;
  }
}
