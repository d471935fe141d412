package io.manifoldmuon.linalg.polar;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;

/**
 * Records S^(−1/2) of symmetric positive definite matrices by products alone. With c = ‖S²‖_F^½ ≥
 * ‖S‖₂, Y = S/c and Z = I, the steps of a {@link PolarIteration} in coupled form,
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
    Value square = g.gram(S, false);
    Value c = g.scale(g.map(Unary.SQRT, Msign.norm(g, square)), d * d);
    Value Y = g.div(S, c);
    square = g.div(g.div(square, c), c);
    Value Z = null;
    for (int i = 0; i < iteration.steps().size(); i++) {
      OddPolynomial p = iteration.steps().get(i);
      Value R = Z == null ? Y : g.matMul(Z, Y);
      if (i > 0 && !p.isCubic()) {
        square = g.gram(R, false);
      }
      Value P = g.weightedSum(p.b(), R, p.c(), p.isCubic() ? R : square, p.a());
      Z = Z == null ? P : g.matMul(P, Z);
      boolean last = i == iteration.steps().size() - 1;
      Y = last ? null : g.matMul(Y, P);
    }
    // Z is (S/c)^(−1/2); rounding leaves it not quite symmetric
    return g.div(g.addTransposed(0.5, 0.5, Z), g.map(Unary.SQRT, c));
  }
}
