package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;

/**
 * Records the solution T of TP + PT = R, for symmetric positive definite P and symmetric R, by
 * conjugate gradients on the operator T ↦ TP + PT, which is symmetric positive definite: one
 * product a step. All matrices of a stack go side by side; one that is solved exactly stays.
 *
 * <p><b>Error</b> in the norm of the operator, at most 2·((√κ−1)/(√κ+1))^steps of that of the
 * start, κ the condition number of P.
 *
 * <p><b>Source</b> Hestenes and Stiefel 1952.
 */
final class Lyapunov {
  private static final double LEAST = 1e-36;

  private Lyapunov() {}

  /** Records {@code steps} steps from the symmetric start T. */
  static Value record(GraphBuilder g, Value P, Value R, Value T, int steps) {
    int keep = R.shape().rank() - 2;
    Value X = T;
    Value residual = g.sub(R, operator(g, P, T));
    Value direction = residual;
    Value square = g.dot(residual, residual, keep);
    for (int i = 0; i < steps; i++) {
      Value image = operator(g, P, direction);
      Value curvature = g.dot(direction, image, keep);
      Value length = g.div(square, g.zip(Binary.MAX, curvature, g.constant(LEAST)));
      X = g.add(X, g.mul(direction, length));
      if (i < steps - 1) {
        residual = g.sub(residual, g.mul(image, length));
        Value next = g.dot(residual, residual, keep);
        Value beta = g.div(next, g.zip(Binary.MAX, square, g.constant(LEAST)));
        direction = g.add(residual, g.mul(direction, beta));
        square = next;
      }
    }
    return X;
  }

  /** TP + PT = TP + (TP)ᵀ for symmetric T and P. */
  private static Value operator(GraphBuilder g, Value P, Value T) {
    return g.addTransposed(1, 1, g.matMul(T, P));
  }
}
