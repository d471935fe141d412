package io.manifoldmuon.linalg.polar;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The polynomials of {@link PolarIteration#polarExpress}: step by step the odd polynomial of degree
 * 5 with the least max|1 − p(σ)| over the interval [ℓ, u] that the singular values are in by then,
 * first [least, 1], then [p(ℓ), 2 − p(ℓ)].
 *
 * <p>While ℓ/u is below {@value #CUSHION}, the best polynomial is taken for [{@value #CUSHION}·u,
 * u] and scaled so that the errors at ℓ and u are equal; the very best would oscillate so much that
 * its rounding hurts.
 *
 * <p><b>Source</b> Amsel et al. 2025, arXiv 2505.16932, algorithm 1 and section 4.4.
 */
final class PolarExpress {
  private static final double CUSHION = 0.02407327424182761;

  /** Where the interval is so short that the Taylor polynomial at its middle is as good. */
  private static final double SHORT = 1 - 5e-6;

  private static final int MOST_EXCHANGES = 100;

  private PolarExpress() {}

  /**
   * The polynomials for singular values in [least, 1]. From where they have become the Taylor
   * polynomial at 1, they are that; those before are of σ/{@code room}, so that a singular value
   * which rounding put above 1 does not escape.
   */
  static List<OddPolynomial> polynomials(double least, int steps, double room) {
    List<OddPolynomial> all = new ArrayList<>();
    double low = least;
    double high = 1;
    for (int i = 0; i < steps; i++) {
      if (low / high >= SHORT) {
        all.addAll(Collections.nCopies(steps - i, PolarIteration.TAYLOR));
        return all;
      }
      OddPolynomial best = best(Math.max(low, CUSHION * high), high);
      double factor = 2 / (best.at(low) + best.at(high));
      OddPolynomial p = new OddPolynomial(factor * best.a(), factor * best.b(), factor * best.c());
      all.add(p.ofQuotient(room));
      low = p.at(low);
      high = 2 - low;
    }
    return all;
  }

  /** The polynomial of least error on [low, high], by Remez's exchange. */
  private static OddPolynomial best(double low, double high) {
    double q = (3 * low + high) / 4;
    double r = (low + 3 * high) / 4;
    double error = Double.POSITIVE_INFINITY;
    for (int i = 0; i < MOST_EXCHANGES; i++) {
      double[] x = solve(new double[] {low, q, r, high});
      double a = x[0];
      double b = x[1];
      double c = x[2];
      double root = Math.sqrt(9 * b * b - 20 * a * c);
      q = Math.sqrt((-3 * b - root) / (10 * c));
      r = Math.sqrt((-3 * b + root) / (10 * c));
      if (Math.abs(error - x[3]) <= 1e-15) {
        return new OddPolynomial(a, b, c);
      }
      error = x[3];
    }
    throw new IllegalStateException(
        "PolarExpress: no polynomial found for [" + low + ", " + high + "], error " + error);
  }

  /** a, b, c and E with ax + bx³ + cx⁵ = 1 ∓ E, the signs alternating over the four points. */
  private static double[] solve(double[] points) {
    int n = points.length;
    double[][] rows = new double[n][];
    for (int i = 0; i < n; i++) {
      double x = points[i];
      rows[i] = new double[] {x, Math.pow(x, 3), Math.pow(x, 5), i % 2 == 0 ? 1 : -1, 1};
    }
    for (int i = 0; i < n; i++) {
      int pivot = i;
      for (int j = i + 1; j < n; j++) {
        pivot = Math.abs(rows[j][i]) > Math.abs(rows[pivot][i]) ? j : pivot;
      }
      double[] swap = rows[i];
      rows[i] = rows[pivot];
      rows[pivot] = swap;
      for (int j = 0; j < n; j++) {
        double f = j == i ? 0 : rows[j][i] / rows[i][i];
        for (int k = i; k <= n; k++) {
          rows[j][k] -= f * rows[i][k];
        }
      }
    }
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = rows[i][n] / rows[i][i];
    }
    return x;
  }
}
