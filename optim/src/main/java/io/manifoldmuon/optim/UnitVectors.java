package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Unary;
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
  /** On | ‖w‖ − 1 |: float32 rounding of vectors of any length. */
  static final double TOLERANCE = 2e-6;

  private static final double LEAST_TANGENT = 1e-6;
  private static final double LEAST_NORM = 1e-18;

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

  /** u − w(wᵀu) of unit vectors w: the part of u along which w moves on its sphere. */
  Value tangent(Value w, Value u) {
    return g.sub(u, times(w, dot(w, u)));
  }

  /** w with every vector at length 1; vectors of next to no length stay short. */
  Value normalized(Value w) {
    return times(w, g.map(Unary.RECIPROCAL, length(dot(w, w))));
  }

  /** | ‖w‖ − 1 | of every vector. */
  Value residual(Value w) {
    return g.map(Unary.ABS, g.sub(g.map(Unary.SQRT, dot(w, w)), g.constant(1)));
  }

  /** √square, but never so small that its reciprocal overflows. */
  Value length(Value square) {
    return g.zip(Binary.MAX, g.map(Unary.SQRT, square), g.constant(LEAST_NORM));
  }

  /**
   * 1 for each vector that a step along t, the tangent part of u, would move, 0 where t is next to
   * nothing of u and its direction therefore noise.
   *
   * @param square ‖t‖² of each
   */
  Value moves(Value square, Value u) {
    Value least = g.scale(dot(u, u), LEAST_TANGENT * LEAST_TANGENT);
    return Masks.positive(g, g.sub(square, least));
  }

  /** [..., m, 1]. */
  private Value ones() {
    int rank = shape.rank();
    return g.fill(1, shape.prefix(rank - 2).append(shape.dim(-2), 1));
  }
}
