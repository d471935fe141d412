package io.manifoldmuon.optim;

import java.util.function.DoubleUnaryOperator;

/**
 * Linear warm-up, then r + (1 − r)·shape(t) for t from 0 at the end of the warm-up to 1 at the end.
 *
 * @param warmup steps of warm-up
 * @param end the step from which on t is 1
 * @param minRatio r
 * @param shape from 1 at t = 0 down to 0 at t = 1
 */
record DecaySchedule(long warmup, long end, double minRatio, DoubleUnaryOperator shape)
    implements LrSchedule {

  DecaySchedule {
    if (warmup < 0 || end < 0 || !(minRatio >= 0 && minRatio <= 1)) {
      throw new IllegalArgumentException(
          "LrSchedule: warm-up "
              + warmup
              + ", end "
              + end
              + " and ratio "
              + minRatio
              + " given, wanted steps of at least 0 and a ratio from 0 to 1");
    }
  }

  @Override
  public double factor(long step) {
    if (step < 0) {
      throw new IllegalArgumentException("LrSchedule: step " + step + " given, the first is 0");
    }
    if (step < warmup) {
      return (step + 1.0) / warmup;
    }
    double t = step >= end ? 1 : (double) (step - warmup) / (end - warmup);
    return minRatio + (1 - minRatio) * shape.applyAsDouble(t);
  }
}
