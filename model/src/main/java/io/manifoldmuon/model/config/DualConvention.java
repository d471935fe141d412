package io.manifoldmuon.model.config;

import java.util.Locale;

/** The scales of the multipliers Λ that {@code optimizer.stiefel_muon.convention} can name. */
public enum DualConvention {
  /** M = G + 2WΛ, with the gradient brought to a fixed scale before the solve. */
  LIBRARY,
  /** M = G + 2W(Λ+Λᵀ), which is the same with Λ halved, at the scale of the gradient. */
  SEED;

  /** The name as configurations spell it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
