package io.manifoldmuon.model.train;

import java.nio.file.Path;

/** Is told what a run does; does nothing by default. Called on the training thread. */
public interface ProgressListener {
  /** Ignores everything. */
  ProgressListener NONE = new ProgressListener() {};

  /**
   * Where a run stands after a step.
   *
   * @param step optimizer steps done
   * @param steps steps to do
   * @param loss mean cross-entropy of the step's batch, in nats
   * @param tokensPerSecond over the last steps
   * @param secondsLeft an estimate; the time limit, if there is one, is in it
   */
  record Progress(long step, long steps, double loss, double tokensPerSecond, double secondsLeft) {}

  /** After every step. */
  default void step(Progress progress) {}

  /** After every logged step. */
  default void logged(StepMetrics metrics) {}

  /** Before a validation. */
  default void validating(long step) {}

  /** After a validation. */
  default void validated(long step, double loss) {}

  /** After a checkpoint is on the disk. */
  default void saved(long step, Path folder) {}

  /** Something worth a line of its own. */
  default void notice(String text) {}
}
