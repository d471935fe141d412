package io.manifoldmuon.bench;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One replay of a {@link Workload} on an engine; setting up and compiling are not timed. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class OperationBenchmark {
  /** The engine's name. */
  @Param("cpu")
  public String engine;

  /** Its device, empty for the first. */
  @Param("")
  public String device;

  /** Its threads, 0 for all. */
  @Param("0")
  public int threads;

  /** The workload's name. */
  @Param("product/512")
  public String workload;

  private Engine opened;
  private Replay replay;

  /** Opens the engine and compiles. */
  @Setup
  public void open() {
    opened = Engines.open(engine, new EngineOptions(threads, device), _ -> {});
    replay = Workloads.named(workload).opening().apply(opened);
    replay.run(); // what an engine does once, it does here
  }

  /** One replay. */
  @Benchmark
  public void replay() {
    replay.run();
  }

  /** Frees both. */
  @TearDown
  public void close() {
    replay.close();
    opened.close();
  }
}
