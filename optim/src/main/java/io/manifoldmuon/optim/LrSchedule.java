package io.manifoldmuon.optim;

/**
 * The factor on the learning rate as a pure function of the step, 0 for the first.
 *
 * <p>All offered schedules rise linearly over {@code warmup} steps, factor (step+1)/warmup, so that
 * no step is lost to a rate of zero and the step after the warm-up begins at 1. With w = warmup, e
 * = end, r = minRatio and t = clamp((step − w)/(e − w), 0, 1) they then follow the formula of their
 * method; from step e on the factor is constant.
 */
@FunctionalInterface
public interface LrSchedule {

  /** The factor at a step, between 0 and 1. */
  double factor(long step);

  /** 1 after the warm-up. */
  static LrSchedule constant(long warmup) {
    return new DecaySchedule(warmup, warmup, 1, t -> 1);
  }

  /** 1 − t. */
  static LrSchedule linear(long warmup, long end, double minRatio) {
    return new DecaySchedule(warmup, end, minRatio, t -> 1 - t);
  }

  /**
   * (1 + cos πt)/2, scaled to end at r: r + (1 − r)·(1 + cos πt)/2.
   *
   * <p><b>Source</b> Loshchilov and Hutter 2017, arXiv 1608.03983, equation 5 without restarts.
   */
  static LrSchedule cosine(long warmup, long end, double minRatio) {
    return new DecaySchedule(warmup, end, minRatio, t -> (1 + Math.cos(Math.PI * t)) / 2);
  }

  /**
   * Warm-up, stable, decay: 1, then a straight line to r over the last {@code decayFraction} of the
   * {@code end} steps (of those after the warm-up if these are fewer).
   *
   * <p><b>Source</b> Hu et al. 2024, arXiv 2404.06395, section 4, with linear decay.
   *
   * @param decayFraction from 0, where the factor falls to r at once at the end, to 1
   */
  static LrSchedule warmupStableDecay(
      long warmup, long end, double decayFraction, double minRatio) {
    if (!(decayFraction >= 0 && decayFraction <= 1)) {
      throw new IllegalArgumentException(
          "LrSchedule: decay fraction " + decayFraction + " given, wanted a number from 0 to 1");
    }
    double length = end - warmup;
    double decay = Math.min(decayFraction * end, length);
    return new DecaySchedule(
        warmup,
        end,
        minRatio,
        t -> decay > 0 ? Math.min(1, (1 - t) * length / decay) : 1 - Math.floor(t));
  }
}
