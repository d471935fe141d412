package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Causal attention for CPU devices: what {@link Attention} computes, one work-item a group for
 * {@value VectorBlocks#LANES} positions of a head, which are the lanes of vectors, against {@value
 * VectorBlocks#ROWS} other positions at a time.
 *
 * <p>Private memory holds the work-item's own rows with the lanes innermost, so that a score is a
 * sum over vectors and no vector is ever added up. Lanes beyond the last position are zero.
 */
public final class VectorAttention {
  /** The positions of a work-item. */
  public static final int POSITIONS = VectorBlocks.LANES;

  private static final int LANES = VectorBlocks.LANES;
  private static final int ROWS = VectorBlocks.ROWS;
  private static final int HALF = ROWS / 2;
  private static final float LOWEST = -3.4028235e38f;

  private VectorAttention() {}

  /** out = Σ p·v over positions u ≤ t, by the online softmax of Milakov and Gimelshein 2018. */
  public static void causalVectorF32(
      KernelContext c,
      FloatArray qkv,
      int xo,
      FloatArray out,
      int yo,
      FloatArray lse,
      int lo,
      int batch,
      int positions,
      int heads,
      int size,
      float scale) {
    int i = c.globalIdx;
    int parts = (positions + LANES - 1) / LANES;
    if (i < batch * heads * parts) {
      float[] query = new float[LANES * size];
      float[] acc = new float[LANES * size];
      float[] block = new float[LANES * ROWS];
      float[] max = new float[LANES];
      float[] sum = new float[LANES];
      float[] shrink = new float[LANES];
      int t0 = i % parts * LANES;
      int lanes = Math.min(LANES, positions - t0);
      int head = i / parts % heads;
      int first = i / parts / heads * positions;
      int stride = 3 * heads * size;
      int keys = xo + first * stride + (heads + head) * size;
      int values = keys + heads * size;
      VectorBlocks.layOut(
          qkv, xo + (first + t0) * stride + head * size, stride, lanes, size, scale, query);
      VectorBlocks.fill(acc, LANES * size, 0.0f);
      VectorBlocks.fill(max, LANES, LOWEST);
      VectorBlocks.fill(sum, LANES, 0.0f);
      VectorBlocks.fill(shrink, LANES, 1.0f);
      for (int u = 0; u < t0 + lanes; u += ROWS) {
        int last = Math.min(ROWS, t0 + lanes - u) - 1;
        VectorBlocks.multiply(qkv, keys + u * stride, stride, 0, last, size, query, block);
        VectorBlocks.multiply(qkv, keys + u * stride, stride, HALF, last, size, query, block);
        for (int lane = 0; lane < lanes; lane++) {
          int seen = Math.min(last, t0 + lane - u) + 1;
          float above = max[lane];
          for (int r = 0; r < seen; r++) {
            float score = block[r * LANES + lane];
            above = score > above ? score : above;
          }
          float factor = TornadoMath.exp(max[lane] - above);
          float total = factor * sum[lane];
          for (int r = 0; r < seen; r++) {
            float p = TornadoMath.exp(block[r * LANES + lane] - above);
            block[r * LANES + lane] = p;
            total += p;
          }
          VectorBlocks.clear(block, Math.max(seen, 0), ROWS, lane);
          max[lane] = above;
          sum[lane] = total;
          shrink[lane] = factor;
        }
        VectorBlocks.accumulate(qkv, values + u * stride, stride, last, size, block, shrink, acc);
      }
      for (int lane = 0; lane < lanes; lane++) {
        int y = yo + ((first + t0 + lane) * heads + head) * size;
        float inverse = 1.0f / sum[lane];
        for (int j = 0; j < size; j++) {
          out.set(y + j, acc[j * LANES + lane] * inverse);
        }
        int row = (first * heads + head * positions) + t0 + lane;
        lse.set(lo + row, max[lane] + TornadoMath.log(sum[lane]));
      }
    }
  }

  /** rowSum = Σ dout·out, dq = Σ over u ≤ t of scale·p·(dout·v − rowSum)·k. */
  public static void causalBackwardQueriesVectorF32(
      KernelContext c,
      FloatArray dout,
      int go,
      FloatArray qkv,
      int xo,
      FloatArray out,
      int yo,
      FloatArray lse,
      int lo,
      FloatArray rowSum,
      int ro,
      FloatArray dqkv,
      int dxo,
      int batch,
      int positions,
      int heads,
      int size,
      float scale) {
    int i = c.globalIdx;
    int parts = (positions + LANES - 1) / LANES;
    if (i < batch * heads * parts) {
      float[] query = new float[LANES * size];
      float[] grad = new float[LANES * size];
      float[] acc = new float[LANES * size];
      float[] block = new float[LANES * ROWS];
      float[] change = new float[LANES * ROWS];
      float[] total = new float[LANES];
      float[] ones = new float[LANES];
      int t0 = i % parts * LANES;
      int lanes = Math.min(LANES, positions - t0);
      int head = i / parts % heads;
      int first = i / parts / heads * positions;
      int stride = 3 * heads * size;
      int width = heads * size;
      int keys = xo + first * stride + (heads + head) * size;
      int values = keys + width;
      int row = first * heads + head * positions + t0;
      int y = (first + t0) * width + head * size;
      VectorBlocks.layOut(
          qkv, xo + (first + t0) * stride + head * size, stride, lanes, size, 1.0f, query);
      VectorBlocks.layOut(dout, go + y, width, lanes, size, 1.0f, grad);
      VectorBlocks.fill(acc, LANES * size, 0.0f);
      VectorBlocks.fill(ones, LANES, 1.0f);
      for (int lane = 0; lane < lanes; lane++) {
        float dot = 0.0f;
        for (int j = 0; j < size; j++) {
          dot += grad[j * LANES + lane] * out.get(yo + y + lane * width + j);
        }
        total[lane] = dot;
        rowSum.set(ro + row + lane, dot);
      }
      for (int u = 0; u < t0 + lanes; u += ROWS) {
        int last = Math.min(ROWS, t0 + lanes - u) - 1;
        VectorBlocks.multiply(qkv, keys + u * stride, stride, 0, last, size, query, block);
        VectorBlocks.multiply(qkv, keys + u * stride, stride, HALF, last, size, query, block);
        VectorBlocks.multiply(qkv, values + u * stride, stride, 0, last, size, grad, change);
        VectorBlocks.multiply(qkv, values + u * stride, stride, HALF, last, size, grad, change);
        for (int lane = 0; lane < lanes; lane++) {
          int seen = Math.min(last, t0 + lane - u) + 1;
          float l = lse.get(lo + row + lane);
          float dot = total[lane];
          for (int r = 0; r < seen; r++) {
            int at = r * LANES + lane;
            block[at] = scale * TornadoMath.exp(scale * block[at] - l) * (change[at] - dot);
          }
          VectorBlocks.clear(block, Math.max(seen, 0), ROWS, lane);
        }
        VectorBlocks.accumulate(qkv, keys + u * stride, stride, last, size, block, ones, acc);
      }
      VectorBlocks.write(acc, lanes, size, dqkv, dxo + (first + t0) * stride + head * size, stride);
    }
  }

  /** dk = Σ over t ≥ u of scale·p·(dout·v − rowSum)·q, dv = Σ p·dout. */
  public static void causalBackwardKeysVectorF32(
      KernelContext c,
      FloatArray dout,
      int go,
      FloatArray qkv,
      int xo,
      FloatArray lse,
      int lo,
      FloatArray rowSum,
      int ro,
      FloatArray dqkv,
      int dxo,
      int batch,
      int positions,
      int heads,
      int size,
      float scale) {
    int i = c.globalIdx;
    int parts = (positions + LANES - 1) / LANES;
    if (i < batch * heads * parts) {
      float[] key = new float[LANES * size];
      float[] value = new float[LANES * size];
      float[] dk = new float[LANES * size];
      float[] dv = new float[LANES * size];
      float[] block = new float[LANES * ROWS];
      float[] change = new float[LANES * ROWS];
      float[] ones = new float[LANES];
      int u0 = i % parts * LANES;
      int lanes = Math.min(LANES, positions - u0);
      int head = i / parts % heads;
      int first = i / parts / heads * positions;
      int stride = 3 * heads * size;
      int width = heads * size;
      int queries = xo + first * stride + head * size;
      int k = (first + u0) * stride + (heads + head) * size;
      VectorBlocks.layOut(qkv, xo + k, stride, lanes, size, 1.0f, key);
      VectorBlocks.layOut(qkv, xo + k + width, stride, lanes, size, 1.0f, value);
      VectorBlocks.fill(dk, LANES * size, 0.0f);
      VectorBlocks.fill(dv, LANES * size, 0.0f);
      VectorBlocks.fill(ones, LANES, 1.0f);
      for (int t = u0; t < positions; t += ROWS) {
        int last = Math.min(ROWS, positions - t) - 1;
        int q = queries + t * stride;
        int g = go + (first + t) * width + head * size;
        int row = first * heads + head * positions + t;
        VectorBlocks.multiply(qkv, q, stride, 0, last, size, key, block);
        VectorBlocks.multiply(qkv, q, stride, HALF, last, size, key, block);
        VectorBlocks.multiply(dout, g, width, 0, last, size, value, change);
        VectorBlocks.multiply(dout, g, width, HALF, last, size, value, change);
        for (int lane = 0; lane < lanes; lane++) {
          int unseen = Math.min(Math.max(u0 + lane - t, 0), last + 1);
          VectorBlocks.clear(block, 0, unseen, lane);
          VectorBlocks.clear(change, 0, unseen, lane);
          for (int r = unseen; r <= last; r++) {
            int at = r * LANES + lane;
            float p = TornadoMath.exp(scale * block[at] - lse.get(lo + row + r));
            block[at] = scale * p * (change[at] - rowSum.get(ro + row + r));
            change[at] = p;
          }
          VectorBlocks.clear(block, last + 1, ROWS, lane);
          VectorBlocks.clear(change, last + 1, ROWS, lane);
        }
        VectorBlocks.accumulate(dout, g, width, last, size, change, ones, dv);
        VectorBlocks.accumulate(qkv, q, stride, last, size, block, ones, dk);
      }
      VectorBlocks.write(dk, lanes, size, dqkv, dxo + k, stride);
      VectorBlocks.write(dv, lanes, size, dqkv, dxo + k + width, stride);
    }
  }
}
