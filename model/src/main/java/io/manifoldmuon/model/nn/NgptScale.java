package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;

/**
 * The learned scales of nGPT: what is stored and trained begins at {@code scale}, what the model
 * uses at {@code init}, effective = stored·init/scale, so that one learning rate suits all.
 *
 * <p><b>Source</b> Loshchilov et al. 2024, arXiv 2410.01131, section 2.5.
 */
enum NgptScale {
  /** How far a branch pulls the stream, per element. */
  ALPHA(0.05, false),
  /** Lengths of queries and keys, per element. */
  S_QK(1, false),
  /** What the two inputs of the gated linear unit are multiplied by, per element. */
  S_UV(1, true),
  /** What logits are multiplied by, per token. */
  S_Z(1, false);

  private final double init;
  private final boolean scaleOne;

  NgptScale(double init, boolean scaleOne) {
    this.init = init;
    this.scaleOne = scaleOne;
  }

  /** The first stored value: 1/√D, or 1. */
  double stored(int width) {
    return scaleOne ? 1 : 1 / Math.sqrt(width);
  }

  /** Records what the model uses of what is stored. */
  Value effective(GraphBuilder g, Value stored, int width) {
    double factor = init / stored(width);
    return factor == 1 ? stored : g.scale(stored, factor);
  }
}
