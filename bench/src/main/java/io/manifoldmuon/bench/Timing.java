package io.manifoldmuon.bench;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;

/**
 * How workloads are timed.
 *
 * @param forks JVMs one after the other, each with the flags of this one; 0 for this one itself
 * @param warmups untimed iterations
 * @param iterations timed iterations
 * @param millis of one iteration, at least
 * @param told where JMH tells all that it does, or null; then only a failure tells it
 */
record Timing(int forks, int warmups, int iterations, int millis, PrintStream told) {
  private static final double NANO = 1e-9;

  /** Where a workload is run. */
  record Place(String engine, String device, int threads) {}

  static Timing thorough(PrintStream told) {
    return new Timing(2, 3, 5, 1000, told);
  }

  static Timing quick(PrintStream told) {
    return new Timing(1, 2, 3, 300, told);
  }

  /** The same with another number of forks. */
  Timing withForks(int newForks) {
    return new Timing(newForks, warmups, iterations, millis, told);
  }

  /**
   * Times a workload.
   *
   * @throws BenchException if a fork fails
   */
  Measurement of(Workload workload, Place place) {
    var kept = new ByteArrayOutputStream();
    PrintStream sink = told != null ? told : new PrintStream(kept, true, StandardCharsets.UTF_8);
    VerboseMode mode = told != null ? VerboseMode.EXTRA : VerboseMode.NORMAL;
    try {
      RunResult result =
          new Runner(
                  options(workload, place, mode),
                  OutputFormatFactory.createFormatInstance(sink, mode))
              .runSingle();
      Statistics nanos = result.getPrimaryResult().getStatistics();
      return new Measurement(
          workload,
          place.engine(),
          nanos.getN(),
          nanos.getPercentile(50) * NANO,
          nanos.getMin() * NANO,
          nanos.getMax() * NANO);
    } catch (RunnerException e) {
      throw new BenchException(
          "bench ops: "
              + workload.name()
              + " on "
              + place.engine()
              + " failed: "
              + e.getMessage()
              + System.lineSeparator()
              + kept.toString(StandardCharsets.UTF_8),
          e);
    }
  }

  private Options options(Workload workload, Place place, VerboseMode mode) {
    return new OptionsBuilder()
        .include("^" + OperationBenchmark.class.getName().replace(".", "\\.") + "\\.")
        .param("engine", place.engine())
        .param("device", place.device())
        .param("threads", Integer.toString(place.threads()))
        .param("workload", workload.name())
        .forks(forks)
        .warmupIterations(warmups)
        .warmupTime(TimeValue.milliseconds(millis))
        .measurementIterations(iterations)
        .measurementTime(TimeValue.milliseconds(millis))
        .timeout(new TimeValue(10, TimeUnit.MINUTES))
        .shouldFailOnError(true)
        .verbosity(mode)
        .build();
  }
}
