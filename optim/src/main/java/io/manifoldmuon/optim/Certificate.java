package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.polar.Msign;
import io.manifoldmuon.linalg.polar.PolarIteration;
import io.manifoldmuon.linalg.polar.ShortSide;
import io.manifoldmuon.linalg.polar.SpectralBound;

/**
 * Proof of how good a solution of a {@link StiefelProblem} is, for every matrix of the stack,
 * whatever the solver claims:
 *
 * <pre>
 *   tangency = ‖WᵀA + AᵀW‖_F/k
 *   dual     = −‖G + WT‖_*                         no feasible A is better, for any symmetric T
 *   feasible = A_t/max(1, ‖A_t‖₂)                  A made feasible, A_t = A − W·sym(WᵀA)
 *   primal   = ⟨G, feasible⟩
 *   gap      = (primal − dual)/|dual|              0 where the gradient is 0
 * </pre>
 *
 * <p>All by products: the nuclear norm is ⟨M, msign(M)⟩, the spectral norm is that of {@link
 * SpectralBound}, at most a factor k^(2⁻⁴⁶) too large.
 *
 * <p><b>Shape</b> of {@code feasible}: […, m, n]; of the others that of the stack, [] for one
 * matrix.
 *
 * <p><b>Unit</b> of dual and primal: that of the gradient, for ‖A‖₂ ≤ 1.
 *
 * @param feasible the feasible update that the primal value is of
 * @param iterations how many the solver took
 * @param tangency that of the solver's answer before it was made feasible
 */
public record Certificate(
    Value feasible, Value iterations, Value tangency, Value dual, Value primal, Value gap) {
  private static final int SQUARINGS = 45;
  private static final int QUICK_SQUARINGS = 15;
  private static final int POLAR_STEPS = 20;
  private static final int QUICK_POLAR_STEPS = 10;
  private static final double LEAST = 1e-30;

  /** Records the certificate of a solution. */
  static Certificate record(StiefelProblem p, StiefelProblem.Solution solution) {
    Value M = solution.M();
    Value factor = Msign.record(p.g(), M, PolarIteration.polarExpress(POLAR_STEPS));
    return record(p, solution, factor, SQUARINGS);
  }

  /**
   * The same for a third of the products: msign(M) is found on MᵀM, which loses the singular values
   * below some 3e-4·‖M‖_F in float32 and with them as much of the nuclear norm; the spectral norm
   * may be 1e-4 too large.
   */
  static Certificate quick(StiefelProblem p, StiefelProblem.Solution solution) {
    var polar = PolarIteration.polarExpress(QUICK_POLAR_STEPS);
    Value factor = Msign.recordOnGram(p.g(), solution.M(), polar);
    return record(p, solution, factor, QUICK_SQUARINGS);
  }

  private static Certificate record(
      StiefelProblem p, StiefelProblem.Solution solution, Value factor, int squarings) {
    GraphBuilder g = p.g();
    Value A = solution.A();
    Value S = p.symmetric(p.side().inner(p.W(), A));
    Value tangency = g.scale(Msign.norm(g, S), 2.0 / ShortSide.length(p.W().shape()));
    Value dual = g.map(Unary.NEGATE, p.dot(solution.M(), factor));
    Value tangent = g.sub(A, p.side().times(p.W(), S));
    Value norm = g.map(Unary.SQRT, SpectralBound.record(g, p.side().gram(tangent), squarings));
    Value length = g.zip(Binary.MAX, norm, g.constant(1));
    Value feasible = g.div(tangent, length);
    Value primal = p.dot(p.G(), feasible);
    Value size = g.zip(Binary.MAX, g.map(Unary.ABS, dual), g.constant(LEAST));
    Value gap = g.div(g.sub(primal, dual), size);
    return new Certificate(
        feasible,
        solution.iterations(),
        tangency,
        g.mul(dual, p.unit()),
        g.mul(primal, p.unit()),
        gap);
  }
}
