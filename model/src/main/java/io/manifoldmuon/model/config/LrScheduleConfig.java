package io.manifoldmuon.model.config;

/**
 * Section {@code optimizer.lr_schedule}: the factor on the learning rate over the steps.
 *
 * @param schedule the shape after the warm-up
 * @param warmupSteps steps of linear warm-up; null is a tenth of the schedule, at most 100
 * @param maxSteps the step at which the schedule has reached its end; null is {@code train.steps}
 * @param minLrRatio the factor at the end, from 0 to 1
 * @param decayFraction the share of the steps in which {@code wsd} decays
 */
public record LrScheduleConfig(
    LrScheduleKind schedule,
    Integer warmupSteps,
    Integer maxSteps,
    double minLrRatio,
    double decayFraction) {
  private static final int LONGEST_DEFAULT_WARMUP = 100;

  public LrScheduleConfig {
    Require.present("optimizer.lr_schedule.schedule", schedule);
    if (warmupSteps != null) {
      Require.atLeast("optimizer.lr_schedule.warmup_steps", warmupSteps, 0);
    }
    if (maxSteps != null) {
      Require.atLeast("optimizer.lr_schedule.max_steps", maxSteps, 1);
    }
    Require.range("optimizer.lr_schedule.min_lr_ratio", minLrRatio, 0.0, 1.0);
    Require.range("optimizer.lr_schedule.decay_fraction", decayFraction, 0.0, 1.0);
  }

  /** The step at which the schedule ends in a run of {@code trainSteps}. */
  public int end(int trainSteps) {
    return maxSteps == null ? trainSteps : maxSteps;
  }

  /** The steps of warm-up in a run of {@code trainSteps}. */
  public int warmup(int trainSteps) {
    return warmupSteps == null
        ? Math.min(LONGEST_DEFAULT_WARMUP, end(trainSteps) / 10)
        : warmupSteps;
  }
}
