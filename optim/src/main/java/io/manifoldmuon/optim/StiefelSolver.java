package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.Value;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A way to minimise ⟨G, A⟩ subject to ‖A‖₂ ≤ 1 and WᵀA + AᵀW = 0, where no formula gives the exact
 * answer: strictly tall or wide matrices with a short side of at least 2.
 *
 * <p>With a symmetric Λ for the constraint, the dual value is −‖G + 2WΛ‖_*, and for the best Λ the
 * solution is A = −msign(G + 2WΛ) where this is of full rank.
 *
 * <p><b>Source</b> Bernstein 2025, "Modular Manifolds".
 */
public sealed interface StiefelSolver permits StiefelSolver.Project, Irls {

  /** The name in configurations. */
  String name();

  /** The names of the k × k matrices that it keeps from step to step, one for each matrix. */
  default List<String> state() {
    return List.of();
  }

  /** The largest |1 − σ| over the singular values of W + A for ‖A‖₂ = η, for the retraction. */
  double deviation(double lr);

  /**
   * Records the answer.
   *
   * @param tangent the tangent part of G, which is G + 2WΛ for Λ = −½·sym(WᵀG)
   */
  Answer record(StiefelProblem p, Value tangent, Memory memory);

  /**
   * What a solver finds.
   *
   * @param descent −A, of the stack's shape
   * @param M G + 2WΛ for its last Λ, which certifies the answer
   */
  record Answer(Value descent, Value M) {}

  /** The solver's state of one parameter. */
  interface Memory {
    /** Replaces the content of a state matrix by a function of it. */
    Value update(String name, UnaryOperator<Value> next);
  }

  /**
   * A = −msign(G − W·sym(WᵀG)): the polar factor of the tangent part, which is Λ = −½·sym(WᵀG). One
   * msign.
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
    public Answer record(StiefelProblem p, Value tangent, Memory memory) {
      return new Answer(p.msign(tangent), tangent);
    }
  }
}
