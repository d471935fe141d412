package io.manifoldmuon.model.config;

import java.util.Locale;

/** The scales of the multipliers Λ that {@code optimizer.stiefel_muon.convention} can name. */
public enum DualConvention {
  /** M = G + 2WΛ, at a fixed scale of the gradient, steps of falling length. */
  LIBRARY,
  /** M = G + 2W(Λ+Λᵀ), from 0 in every step, at the gradient's own scale, for comparison. */
  SEED;

  /** The name as configurations spell it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
