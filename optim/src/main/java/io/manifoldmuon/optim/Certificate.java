package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.polar.Msign;
import io.manifoldmuon.linalg.polar.PolarIteration;
import io.manifoldmuon.linalg.polar.ShortSide;

/**
 * Proof of how good a solution of a {@link StiefelProblem} is, for every matrix of the stack,
 * whatever the solver claims:
 *
 * <pre>
 *   tangency = ‖WᵀA + AᵀW‖_F/k
 *   dual     = −‖G + 2WΛ‖_*                        no feasible A is better, for any symmetric Λ
 *   primal   = ⟨G, A_t⟩/max(1, ‖A_t‖₂)             the value of A made feasible, A_t = A − W·sym(WᵀA)
 *   gap      = (primal − dual)/|dual|              0 where the gradient is 0
 * </pre>
 *
 * <p>All by products: the nuclear norm is ⟨M, msign(M)⟩, the spectral norm an upper bound by
 * {@value #SQUARINGS} squarings of the Gram matrix, at most a factor k^(2⁻¹⁶) too large.
 *
 * <p><b>Shape</b> of each: that of the stack, [] for one matrix.
 *
 * <p><b>Unit</b> of dual and primal: that of a gradient with ‖G‖_F = √k, for ‖A‖₂ ≤ 1.
 */
record Certificate(Value tangency, Value dual, Value primal, Value gap) {
  private static final int SQUARINGS = 15;
  private static final int POLAR_STEPS = 20;
  private static final double LEAST = 1e-30;

  /** Records the certificate of a solution. */
  static Certificate record(StiefelProblem p, StiefelProblem.Solution solution) {
    GraphBuilder g = p.g();
    int keep = p.W().shape().rank() - 2;
    Value A = solution.A();
    Value S = p.symmetric(p.side().inner(p.W(), A));
    Value tangency = g.scale(Msign.norm(g, S), 2.0 / ShortSide.length(p.W().shape()));
    Value M = solution.M();
    Value factor = Msign.record(g, M, PolarIteration.polarExpress(POLAR_STEPS));
    Value dual = g.map(Unary.NEGATE, g.dot(M, factor, keep));
    Value tangent = g.sub(A, p.side().times(p.W(), S));
    Value length = g.zip(Binary.MAX, spectralNorm(p, tangent), g.constant(1));
    Value primal = g.div(g.dot(p.G(), tangent, keep), length);
    Value size = g.zip(Binary.MAX, g.map(Unary.ABS, dual), g.constant(LEAST));
    return new Certificate(tangency, dual, primal, g.div(g.sub(primal, dual), size));
  }

  /** ‖X‖₂ from above: with R₀ = XᵀX, sᵢ = ‖Rᵢ‖_F and Rᵢ₊₁ = (Rᵢ/sᵢ)², ln ‖R₀‖₂ ≤ Σ 2⁻ⁱ·ln sᵢ. */
  private static Value spectralNorm(StiefelProblem p, Value X) {
    GraphBuilder g = p.g();
    Value R = p.side().gram(X);
    Value logarithm = null;
    for (int i = 0; i <= SQUARINGS; i++) {
      Value s = g.zip(Binary.MAX, Msign.norm(g, R), g.constant(LEAST));
      Value term = g.scale(g.map(Unary.LOG, s), 0.5 * Math.pow(2, -i));
      logarithm = logarithm == null ? term : g.add(logarithm, term);
      R = i == SQUARINGS ? null : g.gram(g.div(R, s), false);
    }
    return g.map(Unary.EXP, logarithm);
  }
}
