package io.manifoldmuon.model.train;

import java.nio.file.Path;

/**
 * How a run ended.
 *
 * @param outcome why it ended
 * @param step optimizer steps done
 * @param tokens training tokens seen
 * @param seconds from the first step to the end of the last
 * @param validationLoss the last measured, in nats per token; NaN for none
 * @param floor the least possible loss, NaN where it is not known
 * @param sample text that the model wrote, empty for none
 * @param checkpoint the folder of the last checkpoint
 * @param folder the run's folder
 */
public record TrainResult(
    Outcome outcome,
    long step,
    long tokens,
    double seconds,
    double validationLoss,
    double floor,
    String sample,
    Path checkpoint,
    Path folder) {

  /** Why a run ended. */
  public enum Outcome {
    /** All steps are done. */
    COMPLETED,
    /** {@code train.max_minutes} have passed. */
    OUT_OF_TIME,
    /** {@code train.max_tokens} have been seen. */
    OUT_OF_TOKENS,
    /** The validation loss has not fallen for {@code train.early_stop_patience} validations. */
    STOPPED_EARLY,
    /** It was asked to stop. */
    INTERRUPTED
  }
}
