package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.graph.Value;
import java.util.function.UnaryOperator;

/**
 * How a model makes queries, keys and values of its stream in a recording, and what it does with
 * what attention has mixed: all that whole windows and a {@link KeyValueCache} need to know.
 */
interface AttentionProjections {

  /** Queries, keys and values, ready for attention, [B, T, 3D], of x [N, D], N = B·T. */
  Value windows(int layer, Value x, int batch);

  /**
   * The same of one token, [3H, D/H]: heads of the query, then of the key, then of the value.
   *
   * @param x [1, D]
   * @param turn turns heads [2H, D/H] by the token's position, for models with rotary positions
   */
  Value token(int layer, Value x, UnaryOperator<Value> turn);

  /** What the layer adds to its stream, [N, D], of what the heads took from one another, [N, D]. */
  Value output(int layer, Value mixed);
}
