package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;

/**
 * Records the solution D of DP + PD = R, for symmetric positive definite P and symmetric R, by
 * conjugate gradients from D = 0 on the operator D ↦ DP + PD, which is symmetric positive definite:
 * one product a step. All matrices of a stack go side by side; one that is solved exactly stays.
 *
 * <p><b>Error</b> in the norm of the operator, at most 2·((√κ−1)/(√κ+1))^steps of that of D = 0, κ
 * the condition number of P.
 *
 * <p><b>Source</b> Hestenes and Stiefel 1952.
 */
final class Lyapunov {
  private static final double LEAST = 1e-36;

  private Lyapunov() {}

  /** Records {@code steps} steps. */
  static Value record(GraphBuilder g, Value P, Value R, int steps) {
    int keep = R.shape().rank() - 2;
    Value X = null;
    Value residual = R;
    Value direction = R;
    Value square = g.dot(R, R, keep);
    for (int i = 0; i < steps; i++) {
      Value image = g.addTransposed(1, 1, g.matMul(direction, P)); // DP + (DP)ᵀ
      Value curvature = g.dot(direction, image, keep);
      Value length = g.div(square, g.zip(Binary.MAX, curvature, g.constant(LEAST)));
      Value step = g.mul(direction, length);
      X = X == null ? step : g.add(X, step);
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
}
