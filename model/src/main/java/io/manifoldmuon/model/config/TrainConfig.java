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
 * @param keepLast the checkpoints that are kept beside the best and the final one; 0 keeps all
 * @param keepBest save and keep the weights of the lowest validation loss
 * @param gradClip the largest global gradient norm, larger ones are scaled down to it; 0 is off
 * @param skipGradNormAbove steps whose gradient norm is above this change nothing; 0 is off
 * @param skipGradNormFactor the same, above this multiple of the mean of recent norms; 0 is off
 * @param overfitWindows train on this many windows from the start of the text only; 0 is off
 * @param seed decides initial weights, batches and noise
 * @param maxMinutes stop after the step that passes this time, over all resumptions; 0 is no limit
 * @param maxTokens stop after the step that reaches so many training tokens; 0 is no limit
 * @param earlyStopPatience stop after so many validations without a lower loss; 0 is off
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
    int keepLast,
    boolean keepBest,
    double gradClip,
    double skipGradNormAbove,
    double skipGradNormFactor,
    int overfitWindows,
    long seed,
    double maxMinutes,
    long maxTokens,
    int earlyStopPatience,
    String initFrom) {

  public TrainConfig {
    Require.atLeast("train.steps", steps, 1);
    Require.range("train.batch_size", batchSize, 1, 1 << 20);
    Require.range("train.grad_accumulation", gradAccumulation, 1, 1 << 20);
    Require.atLeast("train.eval_every", evalEvery, 0);
    Require.atLeast("train.eval_windows", evalWindows, 1);
    Require.atLeast("train.log_every", logEvery, 1);
    Require.atLeast("train.checkpoint_every", checkpointEvery, 0);
    Require.atLeast("train.keep_last", keepLast, 0);
    Require.notNegative("train.grad_clip", gradClip);
    Require.notNegative("train.skip_grad_norm_above", skipGradNormAbove);
    if (skipGradNormFactor != 0 && !(skipGradNormFactor > 1)) {
      throw ConfigException.of(
          "train.skip_grad_norm_factor", skipGradNormFactor, "a number above 1, or 0 for off");
    }
    Require.notNegative("train.skip_grad_norm_factor", skipGradNormFactor);
    Require.atLeast("train.overfit_windows", overfitWindows, 0);
    Require.notNegative("train.max_minutes", maxMinutes);
    Require.atLeast("train.max_tokens", maxTokens, 0);
    Require.atLeast("train.early_stop_patience", earlyStopPatience, 0);
    if (earlyStopPatience > 0 && evalEvery == 0) {
      throw ConfigException.of(
          "train.early_stop_patience",
          earlyStopPatience,
          "0 where train.eval_every is 0, which validates at the end only");
    }
    if (initFrom != null) {
      Require.text("train.init_from", initFrom, "a checkpoint folder, or null for new weights");
    }
  }

  /** Whether a step may be left out for its gradient. */
  public boolean skipsSteps() {
    return skipGradNormAbove > 0 || skipGradNormFactor > 0;
  }
}
