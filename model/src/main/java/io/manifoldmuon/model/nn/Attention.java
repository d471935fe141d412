package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.model.config.ModelConfig;

/** Causal multi-head attention with rotary positions: o · softmax(q kᵀ/√(D/H)) v. */
final class Attention {
  private final ModelConfig c;

  Attention(ModelConfig c) {
    this.c = c;
  }

  /** Records the attention of one layer over x [N, D], the rows of {@code batch} windows. */
  Value record(GraphBuilder g, Weights w, int layer, Value x, int batch) {
    return mix(g, w, layer, turned(g, w, layer, x, batch));
  }

  /** Queries, keys and values with their positions, [B, T, 3D]. */
  Value turned(GraphBuilder g, Weights w, int layer, Value x, int batch) {
    int n = x.shape().dim(0);
    Value qkv = g.matMulNT(x, w.queryKeyValue(layer)); // [N, 3D]
    Value windows = g.reshape(qkv, batch, n / batch, 3 * c.dModel()); // [B, T, 3D]
    return g.rope(windows, c.nHeads(), c.ropeBase());
  }

  /** What the tokens take from one another, [N, D]. */
  Value mix(GraphBuilder g, Weights w, int layer, Value turned) {
    double scale = 1 / Math.sqrt(c.headDim());
    Value mixed = g.causalAttention(turned, c.nHeads(), scale); // [B, T, D]
    int n = turned.shape().dim(0) * turned.shape().dim(1);
    return g.matMulNT(g.reshape(mixed, n, c.dModel()), w.attentionOutput(layer)); // [N, D]
  }
}
