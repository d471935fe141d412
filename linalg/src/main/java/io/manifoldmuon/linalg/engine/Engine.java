package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.graph.Graph;
import java.util.function.BooleanSupplier;

/**
 * A device that compiles graphs and keeps their variables. All programs of one engine share its
 * variables by name: a training graph and an evaluation graph see the same weights.
 *
 * <p>An engine and its programs are used from one thread at a time.
 */
public interface Engine extends AutoCloseable {

  /** The short name: {@code cpu}, {@code reference}, … */
  String name();

  /** One line on what runs: library, threads, vector width, device. */
  String description();

  /**
   * Makes a program of a graph. Variables that the engine does not hold are made and set to zero.
   *
   * @throws io.manifoldmuon.linalg.ShapeException if a variable exists with another type
   */
  Program compile(Graph graph);

  /**
   * Sets a variable, made here if it does not exist.
   *
   * @throws io.manifoldmuon.linalg.ShapeException if it exists with another type
   */
  void write(String variable, Tensor value);

  /**
   * A copy of a variable's content, in the engine's precision.
   *
   * @throws IllegalArgumentException if there is no such variable
   */
  Tensor read(String variable);

  /**
   * Lets replays end early: the request is asked before a replay and, on engines that compute on
   * the host, between its operations for as long as it has changed no variable. Once it says yes,
   * {@link Program#run} throws an {@link AbandonedException} and all variables are as they were. It
   * is asked often, and answers for other threads: let it read a volatile field.
   */
  void abandonWhen(BooleanSupplier request);

  /** A number in the engine's precision: of float32, infinite from 3.4e38 on. */
  default double rounded(double x) {
    return (float) x;
  }

  /** The bytes that all variables take on the device. */
  long variableBytes();

  /** Frees all programs and variables; they may not be used afterwards. */
  @Override
  void close();
}
