package io.manifoldmuon.model.config;

/**
 * Section {@code optimizer}: which optimizer, its own section, and the schedule of its learning
 * rate.
 *
 * @param type the optimizer
 * @param adamw its settings where {@code type} is {@code adamw}
 * @param lrSchedule the factor on the learning rate over the steps
 */
public record OptimizerConfig(OptimizerType type, AdamWConfig adamw, LrScheduleConfig lrSchedule) {
  public OptimizerConfig {
    Require.present("optimizer.type", type);
    Require.present("optimizer.adamw", adamw);
    Require.present("optimizer.lr_schedule", lrSchedule);
  }
}
