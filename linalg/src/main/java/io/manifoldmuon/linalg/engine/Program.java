package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Phase;

/** A compiled graph, to be replayed. Inputs keep their content from one replay to the next. */
public interface Program extends AutoCloseable {

  /** What was compiled. */
  Graph graph();

  /**
   * Sets an input.
   *
   * @throws io.manifoldmuon.linalg.ShapeException if shape or element type differ
   * @throws IllegalArgumentException if the graph has no such input
   */
  void write(String input, Tensor value);

  /**
   * Runs the graph once. All inputs must have been written.
   *
   * <p>On engines that compute on the host, an id, target or expert index outside its range is an
   * {@link IllegalArgumentException} that names the node, the index and the range. After any
   * exception the content of assigned variables is unspecified.
   *
   * @throws IllegalStateException naming an input that was never written
   */
  void run();

  /**
   * A copy of an output of the last run, in the engine's precision: as the run left it, whatever
   * was written to variables and inputs since. An output that is a variable or an input, or a view
   * of one, or is assigned to one, therefore costs every run a copy of it.
   *
   * @throws IllegalArgumentException if the graph has no such output
   * @throws IllegalStateException before the first run
   */
  Tensor read(String output);

  /**
   * An output of one element, real or integer, of the last run; nothing is allocated.
   *
   * @throws io.manifoldmuon.linalg.ShapeException if it has several
   */
  double readScalar(String output);

  /** Nanoseconds that the last run spent in a phase. */
  long nanos(Phase phase);

  /** The bytes that the program holds besides the engine's variables. */
  long bytes();

  /** A readable account of what was compiled: steps, buffers, memory. */
  String plan();

  /**
   * Whether the device's time of each launch is measured in the runs to come, for {@link #plan} to
   * tell. To measure may take a program that is compiled anew: state stays, outputs can be read
   * after the next run.
   *
   * @return whether the engine can measure that; one that cannot knows the times of phases only
   */
  default boolean timeLaunches(boolean on) {
    return false;
  }

  /** Frees the program's buffers. */
  @Override
  void close();
}
