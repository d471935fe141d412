package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.model.config.ModelType;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Queries, keys and values of the normalised models. In nGPT each head of queries and keys is
 * turned by its position, set to length 1 and multiplied by s_qk; in the gated model they are
 * products and nothing else.
 */
record NgptProjections(GraphBuilder g, ModelConfig c, NgptWeights w)
    implements AttentionProjections {
  /** Added to squares of lengths: nothing but for heads of zeros. */
  private static final double TINY = 1e-30;

  @Override
  public Value windows(int layer, Value x, int batch) {
    int time = x.shape().dim(0) / batch;
    Value qkv = g.reshape(product(layer, x), batch, time, 3 * c.dModel()); // [B, T, 3D]
    if (isGated()) {
      return qkv;
    }
    Value turned = g.rope(qkv, c.nHeads(), c.ropeBase());
    return g.reshape(unit(layer, turned), batch, time, 3 * c.dModel());
  }

  @Override
  public Value token(int layer, Value x, UnaryOperator<Value> turn) {
    Value qkv = product(layer, x); // [1, 3D]
    Value heads =
        isGated() ? qkv : unit(layer, RotaryProjections.withTurned(g, c, qkv, turn)); // [3H, d]
    return g.reshape(heads, 3 * c.nHeads(), c.headDim());
  }

  private boolean isGated() {
    return c.type() == ModelType.GATED_NGPT;
  }

  private Value product(int layer, Value x) {
    return g.matMulNT(x, w.queryKeyValue(layer));
  }

  /** Heads of queries and keys at length 1, times s_qk, and values as they are, [N, 3D]. */
  private Value unit(int layer, Value qkv) {
    int heads = c.nHeads();
    int n = qkv.shape().size() / (3 * c.dModel());
    Value rows = g.reshape(qkv, n * 3 * heads, c.headDim());
    Value square = g.add(g.dot(rows, rows, 1), g.constant(TINY));
    Value reciprocal = g.reshape(g.map(Unary.RECIPROCAL, g.map(Unary.SQRT, square)), n, 3 * heads);
    Value factors = // 1/length for queries and keys, 1 for values
        g.zipColumns(
            Binary.ADD, g.zipColumns(Binary.MUL, reciprocal, perHead(1, 0)), perHead(0, 1));
    Value scaled = g.mul(rows, g.reshape(factors, n * 3 * heads));
    Value s = w.queryKeyScale(layer); // [D]
    Value ones = g.fill(1, Shape.of(c.dModel()));
    Value columns = g.concat(List.of(s, s, ones), Shape.of(3 * c.dModel()));
    return g.zipColumns(Binary.MUL, g.reshape(scaled, n, 3 * c.dModel()), columns);
  }

  /** One number for each head of queries and keys, another for those of values, [3H]. */
  private Value perHead(double queryKey, double value) {
    int heads = c.nHeads();
    return g.concat(
        List.of(g.fill(queryKey, Shape.of(2 * heads)), g.fill(value, Shape.of(heads))),
        Shape.of(3 * heads));
  }

  @Override
  public Value output(int layer, Value mixed) {
    return g.matMulNT(mixed, w.attentionOutput(layer));
  }
}
