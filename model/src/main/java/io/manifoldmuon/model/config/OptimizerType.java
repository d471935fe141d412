package io.manifoldmuon.model.config;

/**
 * The optimizers that {@code optimizer.type} can name: each a choice of what {@code
 * optimizer.groups} then says role by role.
 */
public enum OptimizerType {
  /** Attention and expert matrices on the Stiefel manifold, embedding and router on spheres. */
  COMPOSED_MANIFOLD("composed_manifold"),
  /** Muon on attention and expert matrices, AdamW on the rest. */
  MUON("muon"),
  /** Muon with rows of the update normalised over time, AdamW on the rest. */
  NORMUON("normuon"),
  /** Muon by five cubic steps without Nesterov's momentum, AdamW on the rest. */
  SIMPLE_MUON("simple_muon"),
  /** Adam with decoupled weight decay on everything. */
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
