package io.manifoldmuon.model.train;

import java.nio.file.Path;

/** Is told what a run does; does nothing by default. Called on the training thread. */
public interface ProgressListener {
  /** Ignores everything. */
  ProgressListener NONE = new ProgressListener() {};

  /** Tells both, the first one first. */
  static ProgressListener both(ProgressListener a, ProgressListener b) {
    return new ProgressListener() {
      @Override
      public void step(Progress progress) {
        a.step(progress);
        b.step(progress);
      }

      @Override
      public void logged(StepMetrics metrics) {
        a.logged(metrics);
        b.logged(metrics);
      }

      @Override
      public void validating(long step) {
        a.validating(step);
        b.validating(step);
      }

      @Override
      public void validated(long step, double loss) {
        a.validated(step, loss);
        b.validated(step, loss);
      }

      @Override
      public void saved(long step, Path folder) {
        a.saved(step, folder);
        b.saved(step, folder);
      }

      @Override
      public void notice(String text) {
        a.notice(text);
        b.notice(text);
      }
    };
  }

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
