package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;

/** Decoupled weight decay, W − δ·W with δ = lr·λ, before an update is subtracted. */
final class WeightDecay {
  private WeightDecay() {}

  /** Records (1 − δ)·W; δ is [] or one number for each slice along the first dimension. */
  static Value record(GraphBuilder g, Value W, Value delta) {
    return g.mul(W, g.sub(g.fill(1, delta.shape()), delta));
  }

  /**
   * Records W − δ·W where u·W ≥ 0, and W elsewhere: only where the update u, which is going to be
   * subtracted, does not pull away from zero.
   *
   * <p><b>Source</b> Chen et al. 2025, arXiv 2510.12402, algorithm 1.
   */
  static Value recordCautious(GraphBuilder g, Value W, Value u, Value delta) {
    return g.sub(W, cautiousPart(g, W, u, delta));
  }

  /** Records what {@link #recordCautious} subtracts, δ·W where u·W ≥ 0 and 0 elsewhere. */
  static Value cautiousPart(GraphBuilder g, Value W, Value u, Value delta) {
    Value sign = g.map(Unary.SIGN, g.mul(u, W));
    // −1, 0, 1 becomes 0, 1, 1
    Value mask = g.zip(Binary.MIN, g.add(sign, g.constant(1)), g.constant(1));
    return g.mul(g.mul(W, mask), delta);
  }
}
