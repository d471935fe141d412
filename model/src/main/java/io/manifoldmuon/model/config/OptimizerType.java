package io.manifoldmuon.model.config;

/** The optimizers that {@code optimizer.type} can name. */
public enum OptimizerType {
  /** Adam with decoupled weight decay. */
  ADAMW("adamw");

  private final String spelling;

  OptimizerType(String spelling) {
    this.spelling = spelling;
  }

  /** The name as configurations spell it. */
  @Override
  public String toString() {
    return spelling;
  }
}
