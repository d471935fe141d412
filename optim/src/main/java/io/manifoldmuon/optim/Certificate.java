package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.polar.InverseRoot;
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
 *   feasible = WX − msign(G⊥E^½)E^½                X = skew(WᵀA), E = I − XᵀX, G⊥ = G − WΩ
 *   primal   = ⟨G, feasible⟩
 *   gap      = (primal − dual)/|dual|              0 where the gradient is 0
 * </pre>
 *
 * <p>A tangent A is WX + Y with a skew X and WᵀY = 0, and ‖A‖₂ ≤ 1 says YᵀY ≤ I − XᵀX. For a given
 * X the best Y is the one above, because ⟨G⊥, ZE^½⟩ over ‖Z‖₂ ≤ 1 is least at −msign(G⊥E^½). So the
 * answer's X is kept, and what it has beside it is made the best there is. That costs a small part
 * of what scaling all of A into the ball would, where a few of its singular values are above 1.
 * Where a formula gives the answer, A is feasible up to rounding and stays.
 *
 * <p>All by products: the nuclear norm is ⟨M, msign(M)⟩, the spectral norm is that of {@link
 * SpectralBound}, at most a factor k^(2⁻⁴⁶) too large; ‖X‖₂ is made at most √(1 − δ²), δ = 10⁻².
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

  /** From the solver's dual point to the one whose value is the quick certificate's bound. */
  private static final int BOUND_ITERATIONS = 3;

  private static final int QUICK_POLAR_STEPS = 10;

  /** For the root of E, whose smallest eigenvalue is δ². */
  private static final PolarIteration ROOT = PolarIteration.polarExpress(10);

  /** δ: what float32 bears. */
  private static final double DELTA = 1e-2;

  /** Of msign(G⊥E^½): directions in which it has only rounding grow to 10⁻³ in float32, no more. */
  private static final PolarIteration NORMAL = PolarIteration.polarExpress(10);

  private static final double LEAST = 1e-30;

  /** Records the certificate of a solution. */
  static Certificate record(StiefelProblem p, StiefelProblem.Solution solution) {
    Value factor = Msign.record(p.g(), solution.M(), PolarIteration.polarExpress(POLAR_STEPS));
    return record(p, solution, solution.M(), factor, SQUARINGS);
  }

  /**
   * The same for fewer products, and with another dual value: that of the point which some
   * iterations of {@link Irls} reach from the solver's. A solver that has spent its iterations on
   * the answer may leave a dual point that proves little for it; the gap here is that of the
   * answer. msign(M) is found on MᵀM, which loses the singular values below some 3e-4·‖M‖_F in
   * float32 and with them as much of the nuclear norm; the spectral norm may be 1e-4 too large.
   */
  static Certificate quick(StiefelProblem p, StiefelProblem.Solution solution) {
    PolarIteration polar = PolarIteration.polarExpress(QUICK_POLAR_STEPS);
    boolean solved = StiefelProblem.needsSolver(p.W().shape());
    Value M = solved ? Irls.training(BOUND_ITERATIONS).improved(p, solution.M()) : solution.M();
    Value factor = Msign.recordOnGram(p.g(), M, polar);
    return record(p, solution, M, factor, QUICK_SQUARINGS);
  }

  private static Certificate record(
      StiefelProblem p, StiefelProblem.Solution solution, Value M, Value factor, int squarings) {
    GraphBuilder g = p.g();
    Value A = solution.A();
    Value S = p.symmetric(p.side().inner(p.W(), A));
    Value tangency = g.scale(Msign.norm(g, S), 2.0 / ShortSide.length(p.W().shape()));
    Value dual = g.map(Unary.NEGATE, p.dot(M, factor));
    Value tangent =
        StiefelProblem.needsSolver(p.W().shape())
            ? best(p, A, squarings)
            : g.sub(A, p.side().times(p.W(), S));
    Value feasible = shortened(p, tangent, p.side().gram(tangent), 1, squarings);
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

  /** The best feasible update with the X of A. */
  private static Value best(StiefelProblem p, Value A, int squarings) {
    GraphBuilder g = p.g();
    Value K = p.skew(p.side().inner(p.W(), A));
    Value X = shortened(p, K, g.gram(K, false), Math.sqrt(1 - DELTA * DELTA), squarings);
    Value square = g.gram(X, false);
    Value E = g.weightedSum(-1, square, 0, square, 1);
    Value root = g.symmetricMatMul(E, InverseRoot.record(g, E, ROOT)); // E^½
    Value normal = normal(p, p.G(), p.Omega());
    // not by the Gram matrix: where that has only rounding, Y would be longer than 1
    Value Z = Msign.record(g, p.side().times(normal, root), NORMAL);
    Value Y = p.side().times(Z, root);
    return g.sub(p.side().times(p.W(), X), normal(p, Y, p.side().inner(p.W(), Y)));
  }

  /** X − WK, for K = WᵀX. */
  private static Value normal(StiefelProblem p, Value X, Value K) {
    return p.g().sub(X, p.side().times(p.W(), K));
  }

  /** X·min(1, limit/‖X‖₂), of the given XᵀX. */
  private static Value shortened(
      StiefelProblem p, Value X, Value gram, double limit, int squarings) {
    GraphBuilder g = p.g();
    Value norm = g.map(Unary.SQRT, SpectralBound.record(g, gram, squarings));
    Value excess = limit == 1 ? norm : g.scale(norm, 1 / limit);
    return g.div(X, g.zip(Binary.MAX, excess, g.constant(1)));
  }
}
