package io.manifoldmuon.model.config;

/** The solvers of the Stiefel update that {@code optimizer.stiefel_muon.solver} can name. */
public enum StiefelSolverName {
  /** The polar factor of the tangent part of the gradient. */
  PROJECT("project");

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
