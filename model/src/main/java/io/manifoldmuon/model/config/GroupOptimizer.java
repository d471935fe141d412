package io.manifoldmuon.model.config;

import java.util.Locale;

/** What can step the parameters of a role: the values of {@code optimizer.groups}. */
public enum GroupOptimizer {
  /** Matrices on the Stiefel manifold, section {@code optimizer.stiefel_muon}. */
  STIEFEL_MUON,
  /** Unit vectors, section {@code optimizer.hypersphere_muon}. */
  HYPERSPHERE_MUON,
  /** Orthogonal updates of matrices, section {@code optimizer.muon}. */
  MUON,
  /** Muon with rows of the update normalised over time, section {@code optimizer.muon}. */
  NORMUON,
  /** Muon by five cubic steps without Nesterov's momentum, section {@code optimizer.muon}. */
  SIMPLE_MUON,
  /** Adam with decoupled weight decay, section {@code optimizer.adamw}. */
  ADAMW,
  /** Nothing: the first values stay. */
  FROZEN;

  /** The name as configurations spell it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
