package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;
import java.util.List;
import java.util.Map;

/**
 * A rule that changes parameters by their gradients. It computes nothing itself: it records its
 * step once, and before each replay writes the few scalars that differ from step to step.
 *
 * <pre>{@code
 * optimizer.record(g, gradients, scale);       // once, into the graph of a training step
 * Program program = engine.compile(g.build());
 * optimizer.writeInputs(program, step);        // then for every step
 * program.run();
 * }</pre>
 *
 * <p>An optimizer owns the parameters that it was made for. A composed one hands each part its own
 * share of the gradients; therefore inputs and state of a part begin with the part's name.
 */
public interface Optimizer {

  /** The name of the group of parameters, with which its inputs and state begin. */
  String name();

  /** The parameters that it was made for, in a fixed order. */
  List<Parameter> parameters();

  /** Those of {@link #parameters()} that it leaves as they are; none for most. */
  default List<Parameter> frozen() {
    return List.of();
  }

  /**
   * Appends the operations of one step and the assignments of the new parameters and state, under
   * {@link io.manifoldmuon.linalg.graph.Phase#OPTIMIZER}.
   *
   * @param gradients the gradient of each of {@link #parameters()}, of the parameter's shape
   * @param gradScale a scalar that multiplies every gradient first: averaging and clipping
   * @throws IllegalArgumentException if the gradients are not those of {@link #parameters()}, or
   *     parameters and {@link #state()} have not all different names
   */
  void record(GraphBuilder g, Map<Parameter, Value> gradients, Value gradScale);

  /**
   * Writes the scalars of a step into a program that was compiled from a graph with this
   * optimizer's recording.
   *
   * @param step the number of steps done before this one, 0 for the first
   */
  void writeInputs(Program program, long step);

  /**
   * The variables beside the parameters, which checkpoints must keep; zero before the first step.
   */
  List<StateVariable> state();

  /** What it holds parameters to, for {@link ConstraintCheck}; nothing for most. */
  default List<Constraint> constraints() {
    return List.of();
  }

  /** What it solves in every step, for {@link SolverCheck}; nothing for most. */
  default List<Solve> solves() {
    return List.of();
  }

  /** Appends the retraction of all constrained parameters, for {@link Retraction}. */
  default void recordRetraction(GraphBuilder g) {}

  /**
   * Whether {@link #recordRetraction} must run after a step, because the step itself does not keep
   * parameters on their manifolds.
   *
   * @param step the number of steps done before that one
   */
  default boolean retractionDue(long step) {
    return false;
  }

  /** The learning rate of a step, for reports; the base rate where parameters have their own. */
  double learningRate(long step);
}
