package io.manifoldmuon.model.config;

/** The solvers of the Stiefel update that {@code optimizer.stiefel_muon.solver} can name. */
public enum StiefelSolverName {
  /** The polar factor of the tangent part of the gradient. */
  PROJECT("project"),
  /** Gradient ascent on the dual: {@code dual_steps} iterations, the first of length dual_lr. */
  DUAL_ASCENT("dual-ascent"),
  /** Iteratively re-weighted least squares on the dual: {@code dual_steps} iterations a step. */
  IRLS("irls"),
  /** Alternating directions on the dual: {@code dual_steps} iterations a step. */
  ADMM("admm");

  private final String spelling;

  StiefelSolverName(String spelling) {
    this.spelling = spelling;
  }

  /** The name as configurations spell it. */
  @Override
  public String toString() {
    return spelling;
  }
}
