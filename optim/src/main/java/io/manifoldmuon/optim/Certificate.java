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
 *   gap      = (primal − dual)/|dual|              0, as is dual, where the gradient is 0
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
  private static final int POLAR_STEPS = 20;
  private static final int QUICK_POLAR_STEPS = 8;

  /** δ: what float32 bears. */
  private static final double DELTA = 1e-2;

  private static final Effort WHOLE =
      new Effort(45, PolarIteration.polarExpress(10), PolarIteration.polarExpress(10), false);
  private static final Effort QUICK =
      new Effort(10, PolarIteration.polarExpress(7), PolarIteration.polarExpress(8), true);

  private static final double LEAST = 1e-30;

  /**
   * How exact the feasible update is.
   *
   * @param squarings for spectral norms
   * @param root for E^½; the smallest eigenvalue of E is δ²
   * @param normal for msign(G⊥E^½)
   * @param onGram whether that is made on the Gram matrix
   */
  private record Effort(int squarings, PolarIteration root, PolarIteration normal, boolean onGram) {

    Value msign(GraphBuilder g, Value X) {
      return onGram ? Msign.recordOnGram(g, X, normal) : Msign.record(g, X, normal);
    }
  }

  /** Records the certificate of a solution. */
  static Certificate record(StiefelProblem p, StiefelProblem.Solution solution) {
    Value factor = Msign.record(p.g(), solution.M(), PolarIteration.polarExpress(POLAR_STEPS));
    return record(p, solution, solution.M(), factor, WHOLE);
  }

  /**
   * The same for fewer products, and with another dual value: that of the point which {@link
   * Irls#bound} reaches from the solver's. A solver that has spent its iterations on the answer may
   * leave a dual point that proves little for it; the gap here is that of the answer. Singular
   * values of M below some 1e-4·‖M‖_F are counted in part, so that the dual value may be some 1e-4
   * too near; the spectral norm may be 3e-3 too large.
   */
  static Certificate quick(StiefelProblem p, StiefelProblem.Solution solution) {
    PolarIteration polar = PolarIteration.polarExpress(QUICK_POLAR_STEPS);
    boolean solved = StiefelProblem.needsSolver(p.W().shape());
    Value M = solved ? Irls.bound().improved(p, solution.M()) : solution.M();
    return record(p, solution, M, Msign.record(p.g(), M, polar), QUICK);
  }

  private static Certificate record(
      StiefelProblem p, StiefelProblem.Solution solution, Value M, Value factor, Effort effort) {
    GraphBuilder g = p.g();
    Value A = solution.A();
    Value S = p.symmetric(p.side().inner(p.W(), A));
    Value tangency = g.scale(Msign.norm(g, S), 2.0 / ShortSide.length(p.W().shape()));
    Value dual = g.mul(g.map(Unary.NEGATE, p.dot(M, factor)), p.mask()); // T may be a former step's
    Value tangent =
        StiefelProblem.needsSolver(p.W().shape())
            ? best(p, A, effort)
            : g.sub(A, p.side().times(p.W(), S));
    Value feasible = shortened(p, tangent, p.side().gram(tangent), 1, effort.squarings);
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
  private static Value best(StiefelProblem p, Value A, Effort effort) {
    GraphBuilder g = p.g();
    Value K = p.skew(p.side().inner(p.W(), A));
    Value X = shortened(p, K, g.gram(K, false), Math.sqrt(1 - DELTA * DELTA), effort.squarings);
    Value square = g.gram(X, false);
    Value E = g.weightedSum(-1, square, 0, square, 1);
    Value root = g.symmetricMatMul(E, InverseRoot.record(g, E, effort.root)); // E^½
    Value Z = effort.msign(g, p.side().times(p.across(), root));
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
