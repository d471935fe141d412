package io.manifoldmuon.linalg.polar;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;

/**
 * Records S^(−1/2) of symmetric positive definite matrices by products alone. With c = ‖S‖_F, Y =
 * S/c and Z = I, the steps of a {@link PolarIteration} in coupled form,
 *
 * <pre>
 *   P = p(ZY)      Y ← Y·P      Z ← P·Z
 * </pre>
 *
 * take Y to (S/c)^(1/2) and Z to (S/c)^(−1/2): every eigenvalue λ of S is treated as the singular
 * value √(λ/c) is in {@link Msign}.
 *
 * <p><b>Error</b> relative to the result, {@link PolarIteration#singularValue} of √(λ_min/c) in
 * exact arithmetic; rounding is amplified by the condition number of S.
 *
 * <p><b>Source</b> Higham 2008, "Functions of Matrices", section 6.3, with polynomials of higher
 * degree.
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
    Value norm = Msign.norm(g, S);
    Value Y = g.scale(g.div(S, norm), 1 / (d * d));
    Value Z = null;
    for (int i = 0; i < iteration.steps().size(); i++) {
      OddPolynomial p = iteration.steps().get(i);
      Value R = Z == null ? Y : g.matMul(Z, Y);
      Value P = polynomial(g, R, p);
      Z = Z == null ? P : g.matMul(P, Z);
      boolean last = i == iteration.steps().size() - 1;
      Y = last ? null : g.matMul(Y, P);
    }
    // Z is (S/(c·d²))^(−1/2); rounding leaves it not quite symmetric
    Value root = g.map(Unary.SQRT, g.scale(norm, d * d));
    return g.div(g.addTransposed(0.5, 0.5, Z), root);
  }

  /** aI + bR + cR² of an R that need not be exactly symmetric. */
  private static Value polynomial(GraphBuilder g, Value R, OddPolynomial p) {
    Value square = p.isCubic() ? R : g.matMul(R, R);
    return g.weightedSum(p.b(), R, p.c(), square, p.a());
  }
}
