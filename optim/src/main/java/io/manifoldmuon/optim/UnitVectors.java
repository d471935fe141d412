package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;

/**
 * Records sums over the vectors that a parameter [..., m, n] is made of, one number a vector, and
 * products of vectors with their numbers.
 *
 * @param g the recording
 * @param mode which parts are the vectors
 * @param shape the parameter's shape
 */
record UnitVectors(GraphBuilder g, SphereMode mode, Shape shape) {

  /** Σ a·b over each vector: one number for each, [..., 1, n] where columns are the vectors. */
  Value dot(Value a, Value b) {
    int rank = shape.rank();
    return switch (mode) {
      case PER_ROW -> g.dot(a, b, rank - 1);
      case PER_COLUMN -> g.matMulTN(ones(), g.mul(a, b));
      case WHOLE -> g.dot(a, b, rank - 2);
    };
  }

  /** Each vector of x times its number. */
  Value times(Value x, Value numbers) {
    return g.mul(x, mode == SphereMode.PER_COLUMN ? g.matMul(ones(), numbers) : numbers);
  }

  /** [..., m, 1]. */
  private Value ones() {
    int rank = shape.rank();
    return g.fill(1, shape.prefix(rank - 2).append(shape.dim(-2), 1));
  }
}
