package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.polar.Msign;

/**
 * Gives the rows of an update (one for each output neuron) equal lengths over time and keeps the
 * length of the whole:
 *
 * <pre>
 *   v ← β₂v + (1−β₂)·(mean of O² over each row)      Ô = O/√(v + ε)      O ← Ô·‖O‖_F/‖Ô‖_F
 * </pre>
 *
 * <p>Zero stays zero.
 *
 * <p><b>Source</b> Li et al. 2025, arXiv 2510.05491, algorithm 1, with the length that O had.
 *
 * @param beta2 β₂
 * @param epsilon ε
 */
public record NeuronNormalization(double beta2, double epsilon) {
  /** The usual ε: far below the mean square 1/fanIn of an orthogonal row. */
  public static final double EPSILON = 1e-10;

  private static final double LEAST_NORM = 1e-18;

  public NeuronNormalization {
    if (!(beta2 >= 0 && beta2 < 1) || !(epsilon > 0)) {
      throw new IllegalArgumentException(
          "NeuronNormalization: beta2 "
              + beta2
              + " and epsilon "
              + epsilon
              + " given, wanted beta2 from 0 to below 1 and epsilon above 0");
    }
  }

  /** The type of v for updates of a shape: a number a row. */
  static Type stateType(Shape shape) {
    return Type.real(shape.prefix(shape.rank() - 1));
  }

  /** Records the normalised update and the assignment of v. */
  Value record(GraphBuilder g, Value O, StateVariable v) {
    int rank = O.shape().rank();
    Value mean = g.scale(g.dot(O, O, rank - 1), 1.0 / O.shape().dim(-1));
    Value next = g.lerp(v.value(g), mean, g.constant(1 - beta2));
    g.assign(v.name(), next);
    Value rows = g.div(O, g.map(Unary.SQRT, g.add(next, g.constant(epsilon))));
    Value length = g.zip(Binary.MAX, Msign.norm(g, rows), g.constant(LEAST_NORM));
    return g.mul(rows, g.div(Msign.norm(g, O), length));
  }
}
