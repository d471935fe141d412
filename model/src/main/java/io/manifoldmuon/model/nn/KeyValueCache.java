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
  private static final String POSITION = "cache.position";
  private static final float NEVER = -1e30f;

  private final ModelConfig c;
  private final Attention attention;
  private final double scale;
  private final int heads;
  private final int width;
  private final int context;

  /** The cache of a model whose scores are multiplied by {@code scale}. */
  KeyValueCache(ModelConfig config, double scale) {
    this.c = config;
    this.scale = scale;
    this.attention = new Attention(config.dModel(), config.nHeads(), scale);
    this.heads = config.nHeads();
    this.width = config.headDim();
    this.context = config.context();
  }

  // ---- recording ----------------------------------------------------------------------------

  /** Attention over a window's rows x [W, D], whose keys and values fill the cache. */
  Value first(GraphBuilder g, AttentionProjections p, int layer, Value x) {
    int length = x.shape().dim(0);
    Value qkv = p.windows(layer, x, 1); // [1, W, 3D]
    Value rows = g.reshape(qkv, 3 * heads * length, width);
    Value zeros = g.fill(0, Shape.of(1, width));
    Value table = g.concat(List.of(rows, zeros), Shape.of(3 * heads * length + 1, width));
    Value gather = g.input(GATHER, Type.integer(2 * heads * context));
    variable(g, layer);
    g.assign(variableOf(layer), g.embedding(table, gather)); // [2HT, d]
    return attention.mix(g, p, layer, qkv);
  }

  /** Attention of one more token's row x [1, D] over the cache and itself. */
  Value next(GraphBuilder g, AttentionProjections p, int layer, Value x) {
    int d = c.dModel();
    Value qkv = p.token(layer, x, rows -> turn(g, rows)); // [3H, d]
    Value keyValue = g.slice(qkv, d, 2 * heads, width);
    Value slots = g.input(SLOTS, Type.integer(2 * heads));
    Value added =
        g.record(new Op.EmbeddingBackward(2 * heads * context), keyValue, slots).getFirst();
    Value cache = g.assign(variableOf(layer), g.add(variable(g, layer), added)); // [2HT, d]
    Value keys = g.slice(cache, 0, heads, context, width);
    Value values = g.slice(cache, heads * context * width, heads, context, width);
    Value query = g.slice(qkv, 0, heads, 1, width);
    Value scores = g.scale(g.matMulNT(query, keys), scale); // [H, 1, T]
    Value mask = g.input(MASK, Type.real(context));
    Value weights = g.softmax(g.zipColumns(Binary.ADD, scores, mask)); // [H, 1, T]
    return p.output(layer, g.reshape(g.matMul(weights, values), 1, d)); // [1, D]
  }

  /** The position of the token that {@link #next} is for, int [1]; for tables of positions. */
  static Value position(GraphBuilder g) {
    return g.input(POSITION, Type.integer(1));
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
    if (!has(program, SWAP)) {
      return;
    }
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
    if (has(program, POSITION)) {
      program.write(POSITION, Tensor.of(Shape.of(1), new int[] {position}));
    }
    if (has(program, SWAP)) {
      writeTurn(program, position);
    }
  }

  private static boolean has(Program program, String input) {
    return program.graph().inputs().containsKey(input);
  }

  private void writeTurn(Program program, int position) {
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
