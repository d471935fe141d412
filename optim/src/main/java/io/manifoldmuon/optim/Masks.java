package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;

/** Recorded conditions, as factors of 0 and 1. */
final class Masks {
  private Masks() {}

  /** 1 where x is positive, else 0; NaN stays. */
  static Value positive(GraphBuilder g, Value x) {
    return g.map(Unary.SIGN, g.zip(Binary.MAX, x, g.constant(0)));
  }
}
