package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.model.config.ModelConfig;
import java.util.List;
import java.util.function.UnaryOperator;

/** Plain products, with rotary positions of queries and keys. */
record RotaryProjections(GraphBuilder g, ModelConfig c, Weights w) implements AttentionProjections {

  @Override
  public Value windows(int layer, Value x, int batch) {
    int n = x.shape().dim(0);
    Value qkv = g.matMulNT(x, w.queryKeyValue(layer)); // [N, 3D]
    Value windows = g.reshape(qkv, batch, n / batch, 3 * c.dModel()); // [B, T, 3D]
    return g.rope(windows, c.nHeads(), c.ropeBase());
  }

  @Override
  public Value token(int layer, Value x, UnaryOperator<Value> turn) {
    Value qkv = g.matMulNT(x, w.queryKeyValue(layer)); // [1, 3D]
    return withTurned(g, c, qkv, turn);
  }

  /** Heads [3H, d] of one row [1, 3D], queries and keys turned. */
  static Value withTurned(GraphBuilder g, ModelConfig c, Value qkv, UnaryOperator<Value> turn) {
    int heads = c.nHeads();
    int width = c.headDim();
    Value turned = turn.apply(g.slice(qkv, 0, 2 * heads, width)); // [2H, d]
    Value values = g.slice(qkv, 2 * c.dModel(), heads, width); // [H, d]
    return g.concat(List.of(turned, values), Shape.of(3 * heads, width));
  }

  @Override
  public Value output(int layer, Value mixed) {
    return g.matMulNT(mixed, w.attentionOutput(layer)); // [N, D]
  }
}
