package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.Value;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A way to minimise ⟨G, A⟩ subject to ‖A‖₂ ≤ 1 and WᵀA + AᵀW = 0, where no formula gives the exact
 * answer: strictly tall or wide matrices with a short side of at least 2. Here G is the tangent
 * part of the gradient, scaled to ‖G‖_F = √k with k the short side, so that no answer depends on
 * the scale of the gradient or on its normal part.
 *
 * <p>With a symmetric multiplier Λ = T/2 for the constraint, the dual value is −‖G + WT‖_*, and for
 * the best T the solution is A = −msign(G + WT) where this is of full rank. All solvers look for
 * that T.
 *
 * <p><b>Source</b> Bernstein 2025, "Modular Manifolds".
 */
public sealed interface StiefelSolver permits StiefelSolver.Project, DualAscent, Irls, Admm {

  /** The name in configurations. */
  String name();

  /** The names of the k × k matrices that it keeps from step to step, one for each matrix. */
  default List<String> state() {
    return List.of();
  }

  /** Whether it works on the part of G outside of the span of W by itself, rather than on G. */
  default boolean splits() {
    return false;
  }

  /** The largest |1 − σ| over the singular values of W + A for ‖A‖₂ = η, for the retraction. */
  double deviation(double lr);

  /** Records the answer. */
  Answer record(StiefelProblem p, Memory memory);

  /**
   * What a solver finds.
   *
   * @param descent −A, of the stack's shape
   * @param M G + WT for its last T, which certifies the answer
   * @param iterations how many it took, one number a matrix
   */
  record Answer(Value descent, Value M, Value iterations) {}

  /** The solver's state of one parameter. */
  interface Memory {
    /** Replaces the content of a state matrix by a function of it. */
    Value update(String name, UnaryOperator<Value> next);
  }

  /**
   * A = −msign(G): the polar factor of the tangent part of the gradient, which is T = 0. One msign.
   *
   * <p><b>Error</b> some 90, 95 and 98 % of the optimal decrease at aspect 2, 4 and 8 on random
   * matrices; not tangent, which the retraction mends.
   *
   * <p><b>Source</b> SPEL, arXiv 2601.21487.
   */
  record Project() implements StiefelSolver {
    @Override
    public String name() {
      return "project";
    }

    @Override
    public double deviation(double lr) {
      return lr;
    }

    @Override
    public Answer record(StiefelProblem p, Memory memory) {
      return new Answer(p.msign(p.G()), p.G(), p.forEach(0));
    }
  }
}
