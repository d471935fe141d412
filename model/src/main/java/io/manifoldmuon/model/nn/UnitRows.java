package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;

/** Rows divided by their lengths, x/‖x‖: an RMSNorm whose gain is 1/√D. */
final class UnitRows {
  /** Under the root of the mean square: nothing but for rows of zeros, which stay zeros. */
  private static final double EPSILON = 1e-20;

  private UnitRows() {}

  /** Records the rows of x [N, D] at length 1. */
  static Value of(GraphBuilder g, Value x) {
    int d = x.shape().dim(1);
    return g.rmsNorm(x, g.fill(1 / Math.sqrt(d), Shape.of(d)), EPSILON);
  }
}
