package io.manifoldmuon.bench;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Times the points of sweeps in this JVM, in rounds that go up and down in turns, so that a machine
 * that becomes slower does not bend a law. The first point is set up and run once more before, for
 * the JVM to compile what all share.
 *
 * @param engine its name
 * @param device its device, empty for the first
 * @param threads of it, 0 for all
 * @param rounds how often each point is set up
 * @param least the fewest timed runs of a round
 * @param most the most
 * @param nanos after which a round ends if it has the fewest
 */
record SweepTimer(
    String engine, String device, int threads, int rounds, int least, int most, long nanos) {
  private static final double NANO = 1e-9;
  private static final int WARM_UP_SHARE = 3;

  static SweepTimer thorough(String engine, String device, int threads) {
    return new SweepTimer(engine, device, threads, 3, 3, 100, 600_000_000L);
  }

  static SweepTimer quick(String engine, String device, int threads) {
    return new SweepTimer(engine, device, threads, 1, 2, 20, 200_000_000L);
  }

  /** What the runs of a point took so far. */
  private static final class Taken {
    private final List<Sweep.Sample> samples = new ArrayList<>();
    private double flops;

    SweepTimes.Row row(double size) {
      return new SweepTimes.Row(
          size,
          samples.size(),
          quantile(Sweep.Sample::whole, 0.5),
          quantile(Sweep.Sample::whole, 0.25),
          quantile(Sweep.Sample::whole, 0.75),
          quantile(Sweep.Sample::passes, 0.5),
          quantile(Sweep.Sample::optimizer, 0.5),
          flops);
    }

    /** In seconds, between two samples in proportion. */
    private double quantile(ToLongFunction<Sweep.Sample> part, double share) {
      long[] sorted = samples.stream().mapToLong(part).sorted().toArray();
      double place = share * (sorted.length - 1);
      int below = (int) place;
      int above = Math.min(below + 1, sorted.length - 1);
      return NANO * (sorted[below] + (place - below) * (sorted[above] - sorted[below]));
    }
  }

  /** Times a sweep. */
  SweepTimes of(Sweep sweep) {
    List<Sweep.Point> points = sweep.points();
    List<Taken> taken = points.stream().map(_ -> new Taken()).toList();
    run(points.getFirst(), new Taken());
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < points.size(); i++) {
        int next = round % 2 == 0 ? i : points.size() - 1 - i;
        run(points.get(next), taken.get(next));
      }
    }
    List<SweepTimes.Row> rows = new ArrayList<>();
    for (int i = 0; i < points.size(); i++) {
      rows.add(taken.get(i).row(points.get(i).size()));
    }
    return new SweepTimes(sweep, rows);
  }

  private void run(Sweep.Point point, Taken taken) {
    var options = new EngineOptions(point.threads() > 0 ? point.threads() : threads, device);
    try (Engine opened = Engines.open(engine, options, _ -> {});
        Sweep.Timed timed = point.opening().apply(opened)) {
      run(timed, 1, nanos / WARM_UP_SHARE);
      taken.samples.addAll(run(timed, least, nanos));
      taken.flops = timed.flops();
    }
  }

  private List<Sweep.Sample> run(Sweep.Timed timed, int wanted, long time) {
    List<Sweep.Sample> samples = new ArrayList<>();
    long start = System.nanoTime();
    while (samples.size() < wanted || (samples.size() < most && System.nanoTime() - start < time)) {
      samples.add(timed.run());
    }
    return samples;
  }
}
