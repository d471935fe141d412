package io.manifoldmuon.linalg.polar;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;

/**
 * Records S^(−1/2) of symmetric positive definite matrices by products alone. With c = ‖S²‖_F^½ ≥
 * ‖S‖₂, R = S/c and Z = I, the steps of a {@link PolarIteration},
 *
 * <pre>
 *   P = p(R)      Z ← Z·P      R ← R·P²
 * </pre>
 *
 * take R to I and Z to (S/c)^(−1/2): every eigenvalue λ of S is treated as the singular value
 * √(λ/c) is in {@link Msign}. R, P and Z are polynomials of S, so that all products are symmetric
 * and cost half. (The coupled form with Y = SZ and R = ZY diverges if they are made so.)
 *
 * <p><b>Error</b> relative to the result, {@link PolarIteration#singularValue} of √(λ_min/c) in
 * exact arithmetic; rounding is amplified by the condition number of S.
 *
 * <p><b>Source</b> the recurrence is that of {@link Msign#recordOnGram}.
 */
public final class InverseRoot {
  private InverseRoot() {}

  /**
   * Records the root.
   *
   * <p><b>Shape</b> […, k, k] → the same.
   */
  public static Value record(GraphBuilder g, Value S, PolarIteration iteration) {
    double d = iteration.divisor();
    Value square = g.gram(S, false);
    Value c = g.scale(g.map(Unary.SQRT, Msign.norm(g, square)), d * d);
    Value R = g.div(S, c);
    square = g.div(g.div(square, c), c);
    Value Z = null;
    int last = iteration.steps().size() - 1;
    for (int i = 0; i <= last; i++) {
      OddPolynomial p = iteration.steps().get(i);
      if (i > 0 && !p.isCubic()) {
        square = g.gram(R, false);
      }
      Value P = g.weightedSum(p.b(), R, p.c(), p.isCubic() ? R : square, p.a());
      Z = Z == null ? P : g.symmetricMatMul(Z, P);
      R = i == last ? null : g.symmetricMatMul(g.symmetricMatMul(R, P), P);
    }
    return g.div(Z, g.map(Unary.SQRT, c)); // Z is (S/c)^(−1/2)
  }
}
