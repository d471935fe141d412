package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import java.util.function.Function;

/**
 * A problem that an optimizer solves for a parameter in every step.
 *
 * @param group the optimizer's name
 * @param solver the solver's name, {@link #EXACT} where a formula gives the answer
 * @param parameter whose update is looked for
 * @param certificate records the solve for the momentum and the solver's state as they are, changes
 *     neither, and certifies the answer
 */
public record Solve(
    String group,
    String solver,
    Parameter parameter,
    Function<GraphBuilder, Certificate> certificate) {

  /** The name of the solver where a formula gives the answer. */
  public static final String EXACT = "exact";
}
