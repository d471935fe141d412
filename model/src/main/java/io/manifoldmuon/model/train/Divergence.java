package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.optim.Retraction;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Finds where a number that is not finite came from. A step is a pure function of the weights
 * before it, so the steps since the last checkpoint are taken again, and in the last two every
 * operation is looked at: the gradient of one step can spoil weights that show it only in the next.
 */
final class Divergence {
  private static final int LOOKED_AT = 2;

  private final TrainStep step;
  private final Retraction retraction;
  private final StopRequest stop;
  private final Consumer<String> notices;

  Divergence(TrainStep step, Retraction retraction, StopRequest stop, Consumer<String> notices) {
    this.step = step;
    this.retraction = retraction;
    this.stop = stop;
    this.notices = notices;
  }

  /**
   * Takes the steps again; the engine holds the weights and state of the first one.
   *
   * @param done the steps done before those weights
   * @param failing the number of the step that failed, 1 for the first
   * @return the operation, its layer, phase and step; empty where it was not found or not wanted
   */
  Optional<String> find(long done, long failing) {
    notices.accept(
        "a number is not finite; looking for the operation: taking steps "
            + (done + 1)
            + " to "
            + failing
            + " again");
    try {
      for (long i = done + 1; i <= failing; i++) {
        if (stop.afterStep()) {
          return Optional.empty();
        }
        if (i > failing - LOOKED_AT) {
          Optional<TrainStep.Finding> found = step.runProbed(i - 1);
          if (found.isPresent()) {
            return Optional.of(text(found.get(), i));
          }
        } else {
          step.run(i - 1);
        }
        retraction.afterStep(i - 1);
      }
      return Optional.empty();
    } catch (NumericalException e) { // an operation that says so itself
      return Optional.of(e.getMessage());
    }
  }

  private static String text(TrainStep.Finding found, long step) {
    Node node = found.node();
    return String.format(
        Locale.ROOT,
        "the first was made by %s (%s) in step %d, which gave %s",
        node.where(),
        node.phase().name().toLowerCase(Locale.ROOT),
        step,
        Double.isNaN(found.value()) ? "NaN" : "infinity");
  }
}
