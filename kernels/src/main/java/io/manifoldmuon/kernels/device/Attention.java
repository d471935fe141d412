package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Rotary positions, and causal attention without a T × T array: scores are made one by one, and
 * made anew in the backward pass from the log-sum-exp of their row.
 *
 * <p>A row of qkv [B, T, 3, H, size] holds query, key and value of one position. One work-item a
 * head and position.
 */
public final class Attention {
  private Attention() {}

  /** Turns pair (2i, 2i+1) of queries and keys by ±φ; table [T, size/2, 2] holds cos φ, sin φ. */
  public static void ropeF32(
      KernelContext c,
      FloatArray x,
      int xo,
      FloatArray table,
      int to,
      FloatArray y,
      int yo,
      int rows,
      int positions,
      int width,
      int size,
      float sign) {
    int i = c.globalIdx;
    int pairs = 3 * width / 2;
    if (i < rows * pairs) {
      int row = i / pairs;
      int j = 2 * (i % pairs);
      int at = row * 3 * width + j;
      float a = x.get(xo + at);
      float b = x.get(xo + at + 1);
      if (j < 2 * width) {
        int angle = to + row % positions * size + j % size;
        float cos = table.get(angle);
        float sin = sign * table.get(angle + 1);
        y.set(yo + at, a * cos - b * sin);
        y.set(yo + at + 1, a * sin + b * cos);
      } else {
        y.set(yo + at, a);
        y.set(yo + at + 1, b);
      }
    }
  }

  /** out = Σ p·v over positions u ≤ t, by the online softmax of Milakov and Gimelshein 2018. */
  public static void causalF32(
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
    if (i < batch * heads * positions) {
      int t = i % positions;
      int head = i / positions % heads;
      int first = i / positions / heads * positions;
      int stride = 3 * heads * size;
      int q = xo + (first + t) * stride + head * size;
      float[] acc = new float[size];
      float[] query = new float[size];
      for (int j = 0; j < size; j++) {
        acc[j] = 0.0f;
        query[j] = scale * qkv.get(q + j);
      }
      float max = -3.4028235e38f;
      float sum = 0.0f;
      for (int u = 0; u <= t; u++) {
        int k = xo + (first + u) * stride + (heads + head) * size;
        float score = 0.0f;
        for (int j = 0; j < size; j++) {
          score += query[j] * qkv.get(k + j);
        }
        float above = score > max ? score : max;
        float shrink = TornadoMath.exp(max - above);
        float p = TornadoMath.exp(score - above);
        int v = k + heads * size;
        for (int j = 0; j < size; j++) {
          acc[j] = acc[j] * shrink + p * qkv.get(v + j);
        }
        sum = sum * shrink + p;
        max = above;
      }
      int y = yo + ((first + t) * heads + head) * size;
      float inverse = 1.0f / sum;
      for (int j = 0; j < size; j++) {
        out.set(y + j, acc[j] * inverse);
      }
      lse.set(lo + i, max + TornadoMath.log(sum));
    }
  }

  /** rowSum = Σ dout·out, dq = Σ over u ≤ t of scale·p·(dout·v − rowSum)·k. */
  public static void causalBackwardQueriesF32(
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
    if (i < batch * heads * positions) {
      int t = i % positions;
      int head = i / positions % heads;
      int first = i / positions / heads * positions;
      int stride = 3 * heads * size;
      int q = (first + t) * stride + head * size;
      int y = ((first + t) * heads + head) * size;
      float[] query = new float[size];
      float[] grad = new float[size];
      float[] acc = new float[size];
      float total = 0.0f;
      for (int j = 0; j < size; j++) {
        acc[j] = 0.0f;
        query[j] = qkv.get(xo + q + j);
        grad[j] = dout.get(go + y + j);
        total += grad[j] * out.get(yo + y + j);
      }
      float l = lse.get(lo + i);
      for (int u = 0; u <= t; u++) {
        int k = xo + (first + u) * stride + (heads + head) * size;
        int v = k + heads * size;
        float score = 0.0f;
        float dp = 0.0f;
        for (int j = 0; j < size; j++) {
          score += query[j] * qkv.get(k + j);
          dp += grad[j] * qkv.get(v + j);
        }
        float ds = scale * TornadoMath.exp(scale * score - l) * (dp - total);
        for (int j = 0; j < size; j++) {
          acc[j] = acc[j] + ds * qkv.get(k + j);
        }
      }
      for (int j = 0; j < size; j++) {
        dqkv.set(dxo + q + j, acc[j]);
      }
      rowSum.set(ro + i, total);
    }
  }

  /** dk = Σ over t ≥ u of scale·p·(dout·v − rowSum)·q, dv = Σ p·dout. */
  public static void causalBackwardKeysF32(
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
    if (i < batch * heads * positions) {
      int u = i % positions;
      int head = i / positions % heads;
      int first = i / positions / heads * positions;
      int stride = 3 * heads * size;
      int k = (first + u) * stride + (heads + head) * size;
      int v = k + heads * size;
      float[] key = new float[size];
      float[] value = new float[size];
      float[] dk = new float[size];
      float[] dv = new float[size];
      for (int j = 0; j < size; j++) {
        dk[j] = 0.0f;
        dv[j] = 0.0f;
        key[j] = qkv.get(xo + k + j);
        value[j] = qkv.get(xo + v + j);
      }
      for (int t = u; t < positions; t++) {
        int q = xo + (first + t) * stride + head * size;
        int y = go + ((first + t) * heads + head) * size;
        int row = i - u + t;
        float score = 0.0f;
        float dp = 0.0f;
        for (int j = 0; j < size; j++) {
          score += key[j] * qkv.get(q + j);
          dp += value[j] * dout.get(y + j);
        }
        float p = TornadoMath.exp(scale * score - lse.get(lo + row));
        float ds = scale * p * (dp - rowSum.get(ro + row));
        for (int j = 0; j < size; j++) {
          dv[j] = dv[j] + p * dout.get(y + j);
          dk[j] = dk[j] + ds * qkv.get(q + j);
        }
      }
      for (int j = 0; j < size; j++) {
        dqkv.set(dxo + k + j, dk[j]);
        dqkv.set(dxo + v + j, dv[j]);
      }
    }
  }
}
