package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.polar.Msign;
import io.manifoldmuon.linalg.polar.PolarMethod;
import io.manifoldmuon.linalg.polar.ShortSide;

/**
 * A recorded stack of problems: minimise ⟨G, A⟩ subject to ‖A‖₂ ≤ 1 and WᵀA + AᵀW = 0, for WᵀW = I.
 * All is written for tall matrices, with k the short side; {@link ShortSide} sees to wide ones.
 *
 * <p>The part of G that is normal to the manifold, W·sym(WᵀG), changes nothing for a tangent A.
 * Therefore G is replaced by its tangent part, scaled to ‖G‖_F = √k; then
 *
 * <pre>
 *   Ω = WᵀG is skew, and every G + 2WΛ is M = G + WT with a symmetric T = 2Λ
 *   G⊥ = G − WΩ has WᵀG⊥ = 0, and M = G⊥ + W(Ω + T)
 * </pre>
 *
 * <p>G = 0 where the gradient is zero, or has next to no tangent part.
 */
final class StiefelProblem {
  /** Gradient norms below it count as it; far below any gradient. */
  private static final double LEAST_NORM = 1e-18;

  /**
   * The share of the gradient that must be tangent. Below it lies rounding: a step of full length
   * along it would be noise.
   */
  static final double LEAST_TANGENT = 1e-5;

  private final GraphBuilder g;
  private final ShortSide side;
  private final PolarMethod polar;
  private final Value W;
  private final Value lr;
  private final Value across; // G⊥, null where G is what was made
  private final Value G; // null where G⊥ is
  private final Value Omega;
  private final Value normal;
  private final Value mask;
  private final Value unit;

  /**
   * Records the problem of a gradient of any scale; the solution does not depend on the scale.
   *
   * @param W the point on the manifold, […, m, n]
   * @param lr η, [], for solvers that know the length of the step
   * @param polar how msign is computed
   * @param split whether G⊥ is made in place of G where a solver is needed, for one that works on
   *     the two parts
   */
  StiefelProblem(
      GraphBuilder g, Value W, Value gradient, Value lr, PolarMethod polar, boolean split) {
    this.g = g;
    this.side = ShortSide.of(g, W.shape());
    this.polar = polar;
    this.W = W;
    this.lr = lr;
    Value K = side.inner(W, gradient);
    Value S = symmetric(K);
    Value skew = skew(K);
    boolean apart = split && needsSolver(W.shape());
    Value part = isSquare() ? null : g.sub(gradient, side.times(W, apart ? K : S));
    Value square;
    if (isSquare()) {
      square = dot(skew, skew);
    } else {
      square = apart ? g.add(dot(part, part), dot(skew, skew)) : dot(part, part);
    }
    Value all = dot(gradient, gradient);
    Value excess = g.sub(square, g.scale(all, LEAST_TANGENT * LEAST_TANGENT));
    this.mask = Masks.positive(g, excess);
    Value length = g.zip(Binary.MAX, g.map(Unary.SQRT, square), g.constant(LEAST_NORM));
    this.unit = g.scale(length, 1 / Math.sqrt(shortSide()));
    Value scale = g.div(mask, unit);
    this.Omega = g.mul(skew, scale);
    this.normal = g.mul(S, scale);
    Value scaled = isSquare() ? side.times(W, Omega) : g.mul(part, scale);
    this.across = apart ? scaled : null;
    this.G = apart ? null : scaled;
  }

  private int stackRank() {
    return W.shape().rank() - 2;
  }

  private int shortSide() {
    return ShortSide.length(W.shape());
  }

  private boolean isSquare() {
    return isSquare(W.shape());
  }

  static boolean isSquare(Shape shape) {
    return shape.dim(-2) == shape.dim(-1);
  }

  /** Whether matrices of that shape need a solver: no formula gives the answer. */
  static boolean needsSolver(Shape shape) {
    return !isSquare(shape) && ShortSide.length(shape) > 1;
  }

  GraphBuilder g() {
    return g;
  }

  ShortSide side() {
    return side;
  }

  Value W() {
    return W;
  }

  /** The scaled tangent part of the gradient, […, m, n]. */
  Value G() {
    return G != null ? G : g.add(across, side.times(W, Omega));
  }

  /** G⊥, […, m, n]. */
  Value across() {
    return across != null ? across : g.sub(G, side.times(W, Omega));
  }

  /** Ω = WᵀG, skew, […, k, k]. */
  Value Omega() {
    return Omega;
  }

  /** sym(WᵀG) of the gradient before its normal part was taken, in the scale of {@link #G}. */
  Value normal() {
    return normal;
  }

  /** η, []. */
  Value lr() {
    return lr;
  }

  /** What G must be multiplied by to be the gradient's tangent part; one number a matrix. */
  Value unit() {
    return unit;
  }

  /** 1 for each matrix that moves, else 0. */
  Value mask() {
    return mask;
  }

  /** G + WT. */
  Value M(Value T) {
    return across == null
        ? g.add(G, side.times(W, T))
        : g.add(across, side.times(W, g.add(Omega, T)));
  }

  /** (X + Xᵀ)/2. */
  Value symmetric(Value X) {
    return g.addTransposed(0.5, 0.5, X);
  }

  /** (X − Xᵀ)/2. */
  Value skew(Value X) {
    return g.addTransposed(0.5, -0.5, X);
  }

  Value msign(Value X) {
    return Msign.record(g, X, polar);
  }

  /** ⟨A, B⟩ of each matrix. */
  Value dot(Value A, Value B) {
    return g.dot(A, B, A.shape().rank() - 2);
  }

  /** The same number for every matrix. */
  Value forEach(double x) {
    return g.fill(x, W.shape().prefix(stackRank()));
  }

  /** The zero matrices [..., k, k]. */
  Value zero() {
    return g.fill(0, Omega.shape());
  }

  /**
   * Records A: the exact solution where there is one, else the solver's, and 0 where G is.
   *
   * <ul>
   *   <li>Square: A = −W·msign(Ω).
   *   <li>One column: A = −G, of length 1: the step on the sphere.
   * </ul>
   */
  Solution solve(StiefelSolver solver, StiefelSolver.Memory memory) {
    if (isSquare()) {
      return new Solution(this, side.times(W, msign(Omega)), G(), forEach(0));
    }
    if (shortSide() == 1) {
      return new Solution(this, G(), G(), forEach(0));
    }
    StiefelSolver.Answer answer = solver.record(this, memory);
    return new Solution(this, answer.descent(), answer.M(), answer.iterations());
  }

  /**
   * A recorded solution.
   *
   * @param problem what is solved
   * @param descent −A where the matrix moves
   * @param M G + WT, for its {@link Certificate}
   * @param iterations how many the solver took, one number a matrix
   */
  record Solution(StiefelProblem problem, Value descent, Value M, Value iterations) {

    /** The update A, about ‖A‖₂ ≤ 1. */
    Value A() {
      GraphBuilder g = problem.g;
      return g.mul(descent, g.map(Unary.NEGATE, problem.mask));
    }

    /** W + ηA. */
    Value moved() {
      GraphBuilder g = problem.g;
      return g.sub(problem.W, g.mul(descent, g.mul(problem.mask, problem.lr)));
    }
  }
}
