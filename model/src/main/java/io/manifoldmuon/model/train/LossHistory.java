package io.manifoldmuon.model.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The losses of a run as they were logged, for its report. */
public final class LossHistory {

  /** A loss in nats per token after a number of steps. */
  public record Point(long step, double loss) {}

  private final List<Point> training = new ArrayList<>();
  private final List<Point> validation = new ArrayList<>();

  /** Takes the losses of a logged step. */
  void add(StepMetrics step) {
    add(step.step(), step.trainLoss(), step.valLoss());
  }

  /** Takes the losses of a step; null for one that was not measured. */
  void add(long step, Double trainLoss, Double valLoss) {
    if (trainLoss != null) {
      training.add(new Point(step, trainLoss));
    }
    if (valLoss != null) {
      validation.add(new Point(step, valLoss));
    }
  }

  /** The losses of training batches. */
  public List<Point> training() {
    return Collections.unmodifiableList(training);
  }

  /** The losses of the validation windows. */
  public List<Point> validation() {
    return Collections.unmodifiableList(validation);
  }
}
