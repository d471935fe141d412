package io.manifoldmuon.tests.program;

import com.sun.management.ThreadMXBean;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Batches;
import io.manifoldmuon.model.data.Dataset;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A program of its own that trains for a while and prints what memory it takes, as {@code name
 * bytes} lines: {@code heap}, {@code resident}, again after the rest of the steps as {@code
 * heap-later}, {@code resident-later}; then what replays of the compiled step allocate: {@code
 * replays-here}, {@code replays-all} of all threads.
 *
 * <p>Its heap should be of one size and touched from the start, so that all growth of the resident
 * set is outside of it.
 */
final class SteadyRun {
  static final Path STATUS = Path.of("/proc/self/status");
  static final int SETTLED = 300;
  static final int STEPS = 1000;
  static final int REPLAYS = 100;

  /** Replays until the JVM has compiled all kernels: before that, vectors are objects. */
  private static final int WARM_UP = 20_000;

  private static final long KIB = 1024;

  private SteadyRun() {}

  static void main() throws IOException {
    RunConfig config =
        SmallRun.config("data.path=synthetic", "data.max_bytes=100000", "train.steps=" + STEPS);
    int context = config.model().context();
    try (Dataset text = Dataset.open(config.data(), context, notice -> {})) {
      var batches = new Batches(text.train(), 256, config.train().batchSize(), context, 1);
      try (var run = new SmallRun(config, batches::fill)) {
        measure(run);
      }
    }
  }

  private static void measure(SmallRun run) throws IOException {
    steps(run, 0, SETTLED);
    report("");
    steps(run, SETTLED, STEPS);
    report("-later");
    Program program = run.step().programs().getFirst();
    replay(program, WARM_UP);
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long here = threads.getCurrentThreadAllocatedBytes();
    long all = threads.getTotalThreadAllocatedBytes();
    replay(program, REPLAYS);
    all = threads.getTotalThreadAllocatedBytes() - all;
    here = threads.getCurrentThreadAllocatedBytes() - here;
    System.out.println("replays-here " + here);
    System.out.println("replays-all " + all);
  }

  private static void steps(SmallRun run, long from, long to) {
    for (long i = from; i < to; i++) {
      run.step().run(i);
    }
  }

  private static void replay(Program program, int times) {
    for (int i = 0; i < times; i++) {
      program.run();
    }
  }

  private static void report(String suffix) throws IOException {
    System.gc();
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    System.out.println("heap" + suffix + " " + heap);
    if (Files.isReadable(STATUS)) {
      System.out.println("resident" + suffix + " " + resident());
    }
  }

  private static long resident() throws IOException {
    String line =
        Files.readAllLines(STATUS).stream()
            .filter(l -> l.startsWith("VmRSS:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", "")) * KIB;
  }
}
