package io.manifoldmuon.model.train;

/** Means over the training steps since the last logged one, and a running estimate of the pace. */
final class StepTimer {
  private static final double OLD_SHARE = 0.9;
  private static final double MOST_ABOVE = 1.5;
  private static final double NANOS_PER_MS = 1e6;
  private static final double NANOS_PER_SECOND = 1e9;

  private final long tokensPerStep;
  private int steps;
  private long nanos;
  private long forward;
  private long backward;
  private long optimizer;
  private double pace;

  StepTimer(long tokensPerStep) {
    this.tokensPerStep = tokensPerStep;
  }

  /** Takes the times of a step. */
  void add(TrainStep.Result r) {
    // the first steps of a process are slow; the pace forgets them at once
    double old = Math.min(pace, MOST_ABOVE * r.nanos());
    pace = pace == 0 ? r.nanos() : OLD_SHARE * old + (1 - OLD_SHARE) * r.nanos();
    steps++;
    nanos += r.nanos();
    forward += r.forwardNanos();
    backward += r.backwardNanos();
    optimizer += r.optimizerNanos();
  }

  /** Seconds a step takes of late. */
  double secondsPerStep() {
    return pace / NANOS_PER_SECOND;
  }

  /** Tokens a second of late. */
  double tokensPerSecond() {
    return tokensPerStep / secondsPerStep();
  }

  /** The means since the last call. */
  StepMetrics.Speed take() {
    double perStep = steps * NANOS_PER_MS;
    var speed =
        new StepMetrics.Speed(
            tokensPerStep * steps / (nanos / NANOS_PER_SECOND),
            nanos / perStep,
            forward / perStep,
            backward / perStep,
            optimizer / perStep);
    steps = 0;
    nanos = 0;
    forward = 0;
    backward = 0;
    optimizer = 0;
    return speed;
  }
}
