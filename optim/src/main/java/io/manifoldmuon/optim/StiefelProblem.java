package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.polar.Msign;
import io.manifoldmuon.linalg.polar.PolarMethod;
import io.manifoldmuon.linalg.polar.ShortSide;

/**
 * A recorded stack of problems: minimise ⟨G, A⟩ subject to ‖A‖₂ ≤ 1 and WᵀA + AᵀW = 0, for WᵀW = I.
 * All is written for tall matrices; {@link ShortSide} sees to wide ones.
 *
 * @param g the recording
 * @param side tall or wide
 * @param W the point on the manifold, […, m, n]
 * @param G the gradient, scaled to ‖G‖_F = √k with k the short side, or 0
 * @param polar how msign is computed
 */
record StiefelProblem(GraphBuilder g, ShortSide side, Value W, Value G, PolarMethod polar) {
  /** Gradient norms below it count as it; far below any gradient. */
  private static final double LEAST_NORM = 1e-18;

  /**
   * The share of the gradient that must be tangent. Below it lies rounding: a step of full length
   * along it would be noise.
   */
  static final double LEAST_TANGENT = 1e-5;

  /** The problem of a gradient of any scale; the solution does not depend on the scale. */
  static StiefelProblem of(GraphBuilder g, Value W, Value gradient, PolarMethod polar) {
    ShortSide side = ShortSide.of(g, W.shape());
    Value norm = g.zip(Binary.MAX, Msign.norm(g, gradient), g.constant(LEAST_NORM));
    double scale = Math.sqrt(ShortSide.length(W.shape()));
    Value G = g.mul(gradient, g.div(g.fill(scale, norm.shape()), norm));
    return new StiefelProblem(g, side, W, G, polar);
  }

  /** (X + Xᵀ)/2. */
  Value symmetric(Value X) {
    return g.addTransposed(0.5, 0.5, X);
  }

  /** (X − Xᵀ)/2. */
  Value skew(Value X) {
    return g.addTransposed(0.5, -0.5, X);
  }

  /** The tangent part X − W·sym(WᵀX) of any X. */
  Value tangent(Value X) {
    return g.sub(X, side.times(W, symmetric(side.inner(W, X))));
  }

  Value msign(Value X) {
    return Msign.record(g, X, polar);
  }

  /**
   * Records A: the exact solution where there is one, else the solver's, and 0 where the gradient
   * is zero or has no tangent part.
   *
   * <ul>
   *   <li>Square: A = −W·msign(skew(WᵀG)).
   *   <li>One column: A = −t/‖t‖ with t the tangent part of G, the step on the sphere.
   * </ul>
   */
  Solution solve(StiefelSolver solver, StiefelSolver.Memory memory) {
    int m = W.shape().dim(-2);
    int n = W.shape().dim(-1);
    if (m == n) {
      Value S = skew(side.inner(W, G));
      return new Solution(g.mul(side.times(W, msign(S)), negatedMask(S)), side.times(W, S));
    }
    Value tangent = tangent(G);
    Value mask = negatedMask(tangent);
    if (Math.min(m, n) == 1) {
      Value length = g.zip(Binary.MAX, Msign.norm(g, tangent), g.constant(LEAST_NORM));
      return new Solution(g.mul(tangent, g.div(mask, length)), tangent);
    }
    StiefelSolver.Answer answer = solver.record(this, tangent, memory);
    return new Solution(g.mul(answer.descent(), mask), answer.M());
  }

  /**
   * A recorded solution.
   *
   * @param A the update, ‖A‖₂ ≤ 1
   * @param M G + 2WΛ, for its {@link Certificate}
   */
  record Solution(Value A, Value M) {}

  /** −1 for each matrix of the stack, 0 where {@code tangent} is next to nothing. */
  private Value negatedMask(Value tangent) {
    int keep = tangent.shape().rank() - 2;
    double least = LEAST_TANGENT * LEAST_TANGENT * ShortSide.length(W.shape());
    Value excess = g.sub(g.dot(tangent, tangent, keep), g.constant(least));
    Value one = g.map(Unary.SIGN, g.zip(Binary.MAX, excess, g.constant(0)));
    return g.map(Unary.NEGATE, one);
  }
}
