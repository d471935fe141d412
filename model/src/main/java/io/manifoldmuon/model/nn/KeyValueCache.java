package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.model.config.ModelConfig;
import java.util.Arrays;
import java.util.List;

/**
 * The keys and values of the tokens so far, so that one more token costs one row instead of a
 * window. Each layer has a variable [2·H·T, d], d = D/H: first the turned keys, then the values,
 * head by head, position by position; positions that no token has are 0.
 *
 * <pre>
 *   first:  cache ← rows of (q, k, v) of a window, zeros beyond its tokens
 *   next:   cache ← cache + the new k and v, at position p
 *           out = softmax(q·Kᵀ/√d + mask)·V, the mask −10³⁰ after p
 * </pre>
 *
 * <p>All of it is recorded from general ops, so that every engine has it.
 */
public final class KeyValueCache {
  private static final String VARIABLE = "cache.";
  private static final String GATHER = "cache.gather";
  private static final String SLOTS = "cache.slots";
  private static final String MASK = "cache.mask";
  private static final String SWAP = "cache.swap";
  private static final String COSINES = "cache.cosines";
  private static final String SINES = "cache.sines";
  private static final float NEVER = -1e30f;

  private final ModelConfig c;
  private final Attention attention;
  private final int heads;
  private final int width;
  private final int context;

  /** The cache of a model. */
  public KeyValueCache(ModelConfig config) {
    this.c = config;
    this.attention = new Attention(config);
    this.heads = config.nHeads();
    this.width = config.headDim();
    this.context = config.context();
  }

  // ---- recording ----------------------------------------------------------------------------

  /** Attention over a window's rows x [W, D], whose keys and values fill the cache. */
  Value first(GraphBuilder g, Weights w, int layer, Value x) {
    int length = x.shape().dim(0);
    Value qkv = attention.turned(g, w, layer, x, 1); // [1, W, 3D]
    Value rows = g.reshape(qkv, 3 * heads * length, width);
    Value zeros = g.fill(0, Shape.of(1, width));
    Value table = g.concat(List.of(rows, zeros), Shape.of(3 * heads * length + 1, width));
    Value gather = g.input(GATHER, Type.integer(2 * heads * context));
    variable(g, layer);
    g.assign(variableOf(layer), g.embedding(table, gather)); // [2HT, d]
    return attention.mix(g, w, layer, qkv);
  }

  /** Attention of one more token's row x [1, D] over the cache and itself. */
  Value next(GraphBuilder g, Weights w, int layer, Value x) {
    int d = c.dModel();
    Value qkv = g.matMulNT(x, w.queryKeyValue(layer)); // [1, 3D]
    Value turned = turn(g, g.slice(qkv, 0, 2 * heads, width)); // [2H, d]
    Value keyValue =
        g.concat(
            List.of(g.slice(turned, d, heads, width), g.slice(qkv, 2 * d, heads, width)),
            Shape.of(2 * heads, width));
    Value slots = g.input(SLOTS, Type.integer(2 * heads));
    Value added =
        g.record(new Op.EmbeddingBackward(2 * heads * context), keyValue, slots).getFirst();
    Value cache = g.assign(variableOf(layer), g.add(variable(g, layer), added)); // [2HT, d]
    Value keys = g.slice(cache, 0, heads, context, width);
    Value values = g.slice(cache, heads * context * width, heads, context, width);
    Value query = g.slice(turned, 0, heads, 1, width);
    Value scores = g.scale(g.matMulNT(query, keys), 1 / Math.sqrt(width)); // [H, 1, T]
    Value mask = g.input(MASK, Type.real(context));
    Value weights = g.softmax(g.zipColumns(Binary.ADD, scores, mask)); // [H, 1, T]
    Value mixed = g.reshape(g.matMul(weights, values), 1, d);
    return g.matMulNT(mixed, w.attentionOutput(layer)); // [1, D]
  }

  /** Models that differ in T can share an engine. */
  private String variableOf(int layer) {
    return VARIABLE + context + "." + layer;
  }

  private Value variable(GraphBuilder g, int layer) {
    return g.variable(variableOf(layer), Type.real(2 * heads * context, width));
  }

  /** The rotary embedding of rows [2H, d] of one position: x·cos + swap(x)·sin. */
  private Value turn(GraphBuilder g, Value x) {
    Value swap = g.input(SWAP, Type.integer(2 * heads, width));
    Value cosines = g.input(COSINES, Type.real(width));
    Value sines = g.input(SINES, Type.real(width));
    return g.add(
        g.zipColumns(Binary.MUL, x, cosines),
        g.zipColumns(Binary.MUL, g.takeColumns(x, swap), sines));
  }

  // ---- what the host writes -----------------------------------------------------------------

  /** For a program of {@code firstLogits}: how many tokens of its window count. */
  public void writeFirst(Program program, int window, int tokens) {
    int[] rows = new int[2 * heads * context];
    Arrays.fill(rows, 3 * heads * window); // the row of zeros
    for (int half = 0; half < 2; half++) {
      for (int h = 0; h < heads; h++) {
        for (int t = 0; t < tokens; t++) {
          rows[(half * heads + h) * context + t] = (3 * t + 1 + half) * heads + h;
        }
      }
    }
    program.write(GATHER, Tensor.of(Shape.of(rows.length), rows));
  }

  /** For a program of {@code nextLogits}: what never changes. */
  public void writeConstants(Program program) {
    int[] swap = new int[2 * heads * width];
    Arrays.setAll(swap, i -> i % width ^ 1);
    program.write(SWAP, Tensor.of(Shape.of(2 * heads, width), swap));
  }

  /** For a program of {@code nextLogits}: the position of the token, from 0. */
  public void writeNext(Program program, int position) {
    int[] slots = new int[2 * heads];
    Arrays.setAll(slots, i -> i * context + position);
    program.write(SLOTS, Tensor.of(Shape.of(slots.length), slots));
    float[] mask = new float[context];
    Arrays.fill(mask, position + 1, context, NEVER);
    program.write(MASK, Tensor.of(Shape.of(context), mask));
    float[] cosines = new float[width];
    float[] sines = new float[width];
    for (int i = 0; i < width; i++) {
      double angle = position * Math.pow(c.ropeBase(), -(double) (i - i % 2) / width);
      cosines[i] = (float) Math.cos(angle);
      sines[i] = (float) (i % 2 == 0 ? -Math.sin(angle) : Math.sin(angle));
    }
    program.write(COSINES, Tensor.of(Shape.of(width), cosines));
    program.write(SINES, Tensor.of(Shape.of(width), sines));
  }
}
