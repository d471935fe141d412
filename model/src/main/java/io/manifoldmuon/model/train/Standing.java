package io.manifoldmuon.model.train;

import io.manifoldmuon.model.config.TrainConfig;
import io.manifoldmuon.model.train.TrainingState.Best;
import io.manifoldmuon.model.train.TrainingState.Norms;

/**
 * What a run has seen so far that decides how it goes on, beside weights and optimizer state:
 * validation losses for the best model and for early stopping, gradient norms for outliers.
 */
final class Standing {
  /** Steps before the mean of the norms is one to compare with. */
  private static final int SETTLED = 20;

  /** The steps whose norms make up the mean, roughly. */
  private static final int MEMORY = 50;

  private Double validationLoss;
  private Best best;
  private Norms norms = Norms.NONE;

  /** That of a run that begins. */
  Standing() {}

  /** That of a run that goes on. */
  Standing(TrainingState state) {
    this.validationLoss = state.validationLoss();
    this.best = state.best();
    this.norms = state.norms();
  }

  /**
   * Takes a validation loss.
   *
   * @return whether it is the lowest
   */
  boolean validated(double loss, long step) {
    validationLoss = loss;
    boolean lowest = best == null || loss < best.loss();
    best =
        lowest
            ? new Best(loss, step, 0)
            : new Best(best.loss(), best.step(), best.validationsSince() + 1);
    return lowest;
  }

  /** Whether so many validations since the best are too many; 0 is no limit. */
  boolean outOfPatience(int patience) {
    return patience > 0 && best != null && best.validationsSince() >= patience;
  }

  /** The gradient norm above which the next step is to be left out. */
  double normLimit(TrainConfig plan) {
    double limit =
        plan.skipGradNormAbove() > 0 ? plan.skipGradNormAbove() : Double.POSITIVE_INFINITY;
    return plan.skipGradNormFactor() > 0 && norms.count() >= SETTLED
        ? Math.min(limit, plan.skipGradNormFactor() * norms.mean())
        : limit;
  }

  /** Takes the gradient norm of a step. */
  void step(double norm, boolean skipped) {
    if (skipped) {
      norms = new Norms(norms.mean(), norms.count(), norms.skipped() + 1);
    } else {
      long count = norms.count() + 1;
      double mean = norms.mean() + (norm - norms.mean()) / Math.min(count, MEMORY);
      norms = new Norms(mean, count, norms.skipped());
    }
  }

  /** The last validation loss, NaN before the first. */
  double validationLoss() {
    return validationLoss == null ? Double.NaN : validationLoss;
  }

  /** The lowest validation loss, null before the first. */
  Best best() {
    return best;
  }

  /** The norms of the gradients so far. */
  Norms norms() {
    return norms;
  }
}
