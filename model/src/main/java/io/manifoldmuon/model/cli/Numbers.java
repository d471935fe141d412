package io.manifoldmuon.model.cli;

import io.manifoldmuon.model.config.ConfigException;

/** Checks of numbers that options give. */
final class Numbers {
  private Numbers() {}

  /** Fails unless the value, where there is one, is at least {@code least}. */
  static void atLeast(String option, Number value, long least) {
    if (value != null && value.longValue() < least) {
      throw new ConfigException(option + " is " + value + ", wanted at least " + least);
    }
  }

  /** Fails unless the value is finite and above {@code limit}; NaN fails. */
  static void above(String option, double value, double limit) {
    if (!(value > limit && Double.isFinite(value))) {
      throw new ConfigException(
          option + " is " + value + ", wanted a finite number above " + limit);
    }
  }
}
