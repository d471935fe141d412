package io.manifoldmuon.model.config;

/**
 * Section {@code train}: how long, on how much at once, and what is recorded when.
 *
 * @param steps optimizer steps
 * @param batchSize B, the windows of one micro-batch
 * @param gradAccumulation micro-batches of one step; a step sees B·gradAccumulation windows
 * @param evalEvery steps between validations; 0 validates at the end only
 * @param evalWindows windows of one validation during training
 * @param logEvery steps between lines of metrics
 * @param checkpointEvery steps between checkpoints; 0 saves the final one only
 * @param gradClip the largest global gradient norm, larger ones are scaled down to it; 0 is off
 * @param seed decides initial weights, batches and noise
 * @param maxMinutes stop after the step that passes this time; 0 is no limit
 * @param initFrom the checkpoint folder to start the weights from; null starts from new ones
 */
public record TrainConfig(
    int steps,
    int batchSize,
    int gradAccumulation,
    int evalEvery,
    int evalWindows,
    int logEvery,
    int checkpointEvery,
    double gradClip,
    long seed,
    double maxMinutes,
    String initFrom) {

  public TrainConfig {
    Require.atLeast("train.steps", steps, 1);
    Require.range("train.batch_size", batchSize, 1, 1 << 20);
    Require.range("train.grad_accumulation", gradAccumulation, 1, 1 << 20);
    Require.atLeast("train.eval_every", evalEvery, 0);
    Require.atLeast("train.eval_windows", evalWindows, 1);
    Require.atLeast("train.log_every", logEvery, 1);
    Require.atLeast("train.checkpoint_every", checkpointEvery, 0);
    Require.notNegative("train.grad_clip", gradClip);
    Require.notNegative("train.max_minutes", maxMinutes);
    if (initFrom != null) {
      Require.text("train.init_from", initFrom, "a checkpoint folder, or null for new weights");
    }
  }
}
