package io.manifoldmuon.bench;

import io.manifoldmuon.linalg.engine.Engine;
import java.util.List;
import java.util.function.Function;

/**
 * One size that varies while all else stays.
 *
 * @param name of the size
 * @param what is timed, and what stays
 * @param points in ascending order of the size
 */
record Sweep(String name, String what, List<Point> points) {

  /**
   * One size.
   *
   * @param size the number on the horizontal axis
   * @param threads of the engine; 0 for those that were asked for
   * @param opening sets the work up
   */
  record Point(double size, int threads, Function<Engine, Timed> opening) {}

  /** Something that is set up on an engine and can be run again and again. */
  interface Timed extends AutoCloseable {
    /** Runs it once. */
    Sample run();

    /** The floating-point operations of the products of one run. */
    double flops();

    @Override
    void close();
  }

  /**
   * The time of one run, in nanoseconds.
   *
   * @param whole all of it
   * @param passes forward and backward; 0 where there are none
   * @param optimizer the optimizer's
   */
  record Sample(long whole, long passes, long optimizer) {}

  /** Whether it is the number of threads that varies, so that a speed-up says more than a law. */
  boolean ofThreads() {
    return name.startsWith(Sweeps.THREADS);
  }
}
