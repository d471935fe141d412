package io.manifoldmuon.model.config;

import java.util.Locale;

/** The shape of the learning rate after the warm-up, from 1 down to {@code min_lr_ratio} = r. */
public enum LrScheduleKind {
  /** 1 to the end. */
  CONSTANT,
  /** A straight line from 1 to r. */
  LINEAR,
  /** r + (1 − r)·(1 + cos πt)/2, t from 0 to 1. */
  COSINE,
  /** Warm-up, stable, decay: 1, then a straight line to r over the last {@code decay_fraction}. */
  WSD;

  /** The name as configurations spell it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
