package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;
import java.util.Optional;
import java.util.function.Function;

/**
 * What an optimizer holds a parameter to, and how far off it is.
 *
 * @param group the optimizer's name
 * @param manifold the name of the manifold: {@code stiefel} or {@code sphere}
 * @param parameter what is constrained
 * @param tolerance the residual that the optimizer promises to keep it within
 * @param residual records the residual of each matrix or vector of the parameter, of any shape, 0
 *     on the manifold
 * @param spread records a bound of max|σ²/s² − 1| over the singular values of each matrix, where
 *     the manifold fixes them to s
 */
public record Constraint(
    String group,
    String manifold,
    Parameter parameter,
    double tolerance,
    Function<GraphBuilder, Value> residual,
    Optional<Function<GraphBuilder, Value>> spread) {}
