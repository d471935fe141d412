package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;

/**
 * Records turns of unit vectors w along great circles, away from a direction u, each by its own
 * angle θ:
 *
 * <pre>
 *   t = u − w(wᵀu)      w ← w·cos θ − (t/‖t‖)·sin θ
 * </pre>
 *
 * A vector whose u has next to no tangent part (10⁻⁶ of it) stays.
 *
 * <p>Cosine and sine are Taylor polynomials of degree 12 and 13.
 *
 * <p><b>Error</b> of cos and sin for |θ| ≤ π/2: 7e-9.
 */
final class GreatCircle {
  /** Terms after the first. */
  private static final int TERMS = 6;

  private GreatCircle() {}

  /**
   * The turned vectors.
   *
   * @param w unit vectors
   * @param u of w's shape
   * @param angle θ of each vector
   */
  static Value record(UnitVectors v, Value w, Value u, Value angle) {
    GraphBuilder g = v.g();
    Value t = v.tangent(w, u);
    Value square = v.dot(t, t);
    Value turning = g.mul(angle, v.moves(square, u));
    Value sine = polynomial(g, turning, 1);
    Value along = g.div(g.mul(turning, sine), v.length(square)); // sin θ/‖t‖
    return g.sub(v.times(w, polynomial(g, turning, 0)), v.times(t, along));
  }

  /** cos θ for first = 0, sin θ/θ for first = 1: Σ (−θ²)ᵏ/(2k + first)!. */
  private static Value polynomial(GraphBuilder g, Value angle, int first) {
    Value minusSquare = g.scale(g.mul(angle, angle), -1);
    double factor = coefficient(TERMS, first);
    Value sum = g.scale(minusSquare, factor);
    for (int k = TERMS - 1; k >= 1; k--) {
      sum = g.mul(g.add(sum, g.constant(coefficient(k, first))), minusSquare);
    }
    return g.add(sum, g.constant(1));
  }

  private static double coefficient(int k, int first) {
    double factorial = 1;
    for (int i = 2; i <= 2 * k + first; i++) {
      factorial *= i;
    }
    return 1 / factorial;
  }
}
