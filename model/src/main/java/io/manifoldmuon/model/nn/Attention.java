package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;

/**
 * Causal multi-head attention: out(softmax(s·q kᵀ) v).
 *
 * @param width D
 * @param heads H
 * @param scale s
 */
record Attention(int width, int heads, double scale) {

  /** Records the attention of one layer over x [N, D], the rows of {@code batch} windows. */
  Value record(GraphBuilder g, AttentionProjections p, int layer, Value x, int batch) {
    return mix(g, p, layer, p.windows(layer, x, batch));
  }

  /** The output for queries, keys and values [B, T, 3D], [N, D]. */
  Value mix(GraphBuilder g, AttentionProjections p, int layer, Value queryKeyValue) {
    Value mixed = g.causalAttention(queryKeyValue, heads, scale); // [B, T, D]
    int n = mixed.shape().dim(0) * mixed.shape().dim(1);
    return p.output(layer, g.reshape(mixed, n, width)); // [N, D]
  }
}
