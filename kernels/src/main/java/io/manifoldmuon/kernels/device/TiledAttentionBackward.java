package io.manifoldmuon.kernels.device;

import static io.manifoldmuon.kernels.device.TiledAttention.ITEMS;
import static io.manifoldmuon.kernels.device.TiledAttention.LINE;
import static io.manifoldmuon.kernels.device.TiledAttention.SIDE;
import static io.manifoldmuon.kernels.device.TiledAttention.TILE;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** The backward pass of {@link TiledAttention}, shared out over work-items as that is. */
public final class TiledAttentionBackward {
  private TiledAttentionBackward() {}

  /** As {@link Attention#causalBackwardQueriesF32}. */
  public static void causalBackwardQueriesTiledF32(
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
    float[] queries = c.allocateFloatLocalArray(size * LINE);
    float[] grads = c.allocateFloatLocalArray(size * LINE);
    float[] keys = c.allocateFloatLocalArray(size * LINE);
    float[] values = c.allocateFloatLocalArray(size * LINE);
    float[] slopes = c.allocateFloatLocalArray(TILE * LINE);
    int dims = (size + SIDE - 1) / SIDE;
    float[] acc = new float[4 * dims];
    float[] scores = new float[16];
    float[] dps = new float[16];
    float[] log = new float[4];
    float[] total = new float[4];
    int item = c.localIdx;
    int x = item % SIDE;
    int z = item / SIDE;
    int tiles = (positions + TILE - 1) / TILE;
    int member = c.groupIdx / tiles;
    int t0 = (c.groupIdx - member * tiles) * TILE;
    int head = member % heads;
    int first = member / heads * positions;
    int stride = 3 * heads * size;
    for (int i = item; i < TILE * size; i += ITEMS) {
      int t = i / size;
      float q = 0.0f;
      float g = 0.0f;
      if (t0 + t < positions) {
        q = qkv.get(xo + (first + t0 + t) * stride + head * size + i % size);
        g = dout.get(go + ((first + t0 + t) * heads + head) * size + i % size);
      }
      queries[i % size * LINE + t] = q;
      grads[i % size * LINE + t] = g;
    }
    c.localBarrier();
    // what each work-item of a row has of its row sum, where the slopes come later
    for (int i = 0; i < 4; i++) {
      float part = 0.0f;
      int t = t0 + 4 * z + i;
      if (t < positions) {
        int y = yo + ((first + t) * heads + head) * size;
        for (int j = 0; j < dims; j++) {
          int d = x + SIDE * j;
          if (d < size) {
            part += grads[d * LINE + 4 * z + i] * out.get(y + d);
          }
        }
      }
      slopes[(4 * z + i) * LINE + x] = part;
    }
    c.localBarrier();
    for (int i = 0; i < 4; i++) {
      int t = t0 + 4 * z + i;
      float all = 0.0f;
      float l = 0.0f;
      for (int j = 0; j < SIDE; j++) {
        all += slopes[(4 * z + i) * LINE + j];
      }
      if (t < positions) {
        int row = first * heads + head * positions + t;
        l = lse.get(lo + row);
        if (x == 0) {
          rowSum.set(ro + row, all);
        }
      }
      total[i] = all;
      log[i] = l;
    }
    for (int i = 0; i < 4 * dims; i++) {
      acc[i] = 0.0f;
    }
    for (int u0 = 0; u0 <= t0; u0 += TILE) {
      for (int i = item; i < TILE * size; i += ITEMS) {
        int u = i / size;
        float k = 0.0f;
        float v = 0.0f;
        if (u0 + u < positions) {
          int at = xo + (first + u0 + u) * stride + (heads + head) * size + i % size;
          k = qkv.get(at);
          v = qkv.get(at + heads * size);
        }
        keys[i % size * LINE + u] = k;
        values[i % size * LINE + u] = v;
      }
      c.localBarrier();
      for (int i = 0; i < 16; i++) {
        scores[i] = 0.0f;
        dps[i] = 0.0f;
      }
      for (int d = 0; d < size; d++) {
        float k0 = keys[d * LINE + 4 * x];
        float k1 = keys[d * LINE + 4 * x + 1];
        float k2 = keys[d * LINE + 4 * x + 2];
        float k3 = keys[d * LINE + 4 * x + 3];
        float v0 = values[d * LINE + 4 * x];
        float v1 = values[d * LINE + 4 * x + 1];
        float v2 = values[d * LINE + 4 * x + 2];
        float v3 = values[d * LINE + 4 * x + 3];
        for (int i = 0; i < 4; i++) {
          float q = queries[d * LINE + 4 * z + i];
          float g = grads[d * LINE + 4 * z + i];
          scores[4 * i] = scores[4 * i] + q * k0;
          scores[4 * i + 1] = scores[4 * i + 1] + q * k1;
          scores[4 * i + 2] = scores[4 * i + 2] + q * k2;
          scores[4 * i + 3] = scores[4 * i + 3] + q * k3;
          dps[4 * i] = dps[4 * i] + g * v0;
          dps[4 * i + 1] = dps[4 * i + 1] + g * v1;
          dps[4 * i + 2] = dps[4 * i + 2] + g * v2;
          dps[4 * i + 3] = dps[4 * i + 3] + g * v3;
        }
      }
      for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
          float ds = 0.0f;
          if (u0 + 4 * x + j <= t0 + 4 * z + i && t0 + 4 * z + i < positions) {
            float p = TornadoMath.exp(scale * scores[4 * i + j] - log[i]);
            ds = scale * p * (dps[4 * i + j] - total[i]);
          }
          slopes[(4 * x + j) * LINE + 4 * z + i] = ds;
        }
      }
      c.localBarrier();
      for (int u = 0; u < TILE; u++) {
        float s0 = slopes[u * LINE + 4 * z];
        float s1 = slopes[u * LINE + 4 * z + 1];
        float s2 = slopes[u * LINE + 4 * z + 2];
        float s3 = slopes[u * LINE + 4 * z + 3];
        for (int j = 0; j < dims; j++) {
          int d = x + SIDE * j;
          float k = d < size ? keys[d * LINE + u] : 0.0f;
          acc[4 * j] = acc[4 * j] + s0 * k;
          acc[4 * j + 1] = acc[4 * j + 1] + s1 * k;
          acc[4 * j + 2] = acc[4 * j + 2] + s2 * k;
          acc[4 * j + 3] = acc[4 * j + 3] + s3 * k;
        }
      }
      c.localBarrier();
    }
    for (int i = 0; i < 4; i++) {
      int t = t0 + 4 * z + i;
      if (t < positions) {
        for (int j = 0; j < dims; j++) {
          int d = x + SIDE * j;
          if (d < size) {
            dqkv.set(dxo + (first + t) * stride + head * size + d, acc[4 * j + i]);
          }
        }
      }
    }
  }

  /** As {@link Attention#causalBackwardKeysF32}; the group's positions are those of keys. */
  public static void causalBackwardKeysTiledF32(
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
    float[] queries = c.allocateFloatLocalArray(size * LINE);
    float[] grads = c.allocateFloatLocalArray(size * LINE);
    float[] keys = c.allocateFloatLocalArray(size * LINE);
    float[] values = c.allocateFloatLocalArray(size * LINE);
    float[] shares = c.allocateFloatLocalArray(TILE * LINE);
    float[] slopes = c.allocateFloatLocalArray(TILE * LINE);
    int dims = (size + SIDE - 1) / SIDE;
    float[] dk = new float[4 * dims];
    float[] dv = new float[4 * dims];
    float[] scores = new float[16];
    float[] dps = new float[16];
    int item = c.localIdx;
    int x = item % SIDE;
    int z = item / SIDE;
    int tiles = (positions + TILE - 1) / TILE;
    int member = c.groupIdx / tiles;
    int u0 = (c.groupIdx - member * tiles) * TILE;
    int head = member % heads;
    int first = member / heads * positions;
    int stride = 3 * heads * size;
    for (int i = item; i < TILE * size; i += ITEMS) {
      int u = i / size;
      float k = 0.0f;
      float v = 0.0f;
      if (u0 + u < positions) {
        int at = xo + (first + u0 + u) * stride + (heads + head) * size + i % size;
        k = qkv.get(at);
        v = qkv.get(at + heads * size);
      }
      keys[i % size * LINE + u] = k;
      values[i % size * LINE + u] = v;
    }
    for (int i = 0; i < 4 * dims; i++) {
      dk[i] = 0.0f;
      dv[i] = 0.0f;
    }
    for (int t0 = u0; t0 < positions; t0 += TILE) {
      for (int i = item; i < TILE * size; i += ITEMS) {
        int t = i / size;
        float q = 0.0f;
        float g = 0.0f;
        if (t0 + t < positions) {
          q = qkv.get(xo + (first + t0 + t) * stride + head * size + i % size);
          g = dout.get(go + ((first + t0 + t) * heads + head) * size + i % size);
        }
        queries[i % size * LINE + t] = q;
        grads[i % size * LINE + t] = g;
      }
      c.localBarrier();
      for (int i = 0; i < 16; i++) {
        scores[i] = 0.0f;
        dps[i] = 0.0f;
      }
      for (int d = 0; d < size; d++) {
        float q0 = queries[d * LINE + 4 * x];
        float q1 = queries[d * LINE + 4 * x + 1];
        float q2 = queries[d * LINE + 4 * x + 2];
        float q3 = queries[d * LINE + 4 * x + 3];
        float g0 = grads[d * LINE + 4 * x];
        float g1 = grads[d * LINE + 4 * x + 1];
        float g2 = grads[d * LINE + 4 * x + 2];
        float g3 = grads[d * LINE + 4 * x + 3];
        for (int i = 0; i < 4; i++) {
          float k = keys[d * LINE + 4 * z + i];
          float v = values[d * LINE + 4 * z + i];
          scores[4 * i] = scores[4 * i] + k * q0;
          scores[4 * i + 1] = scores[4 * i + 1] + k * q1;
          scores[4 * i + 2] = scores[4 * i + 2] + k * q2;
          scores[4 * i + 3] = scores[4 * i + 3] + k * q3;
          dps[4 * i] = dps[4 * i] + v * g0;
          dps[4 * i + 1] = dps[4 * i + 1] + v * g1;
          dps[4 * i + 2] = dps[4 * i + 2] + v * g2;
          dps[4 * i + 3] = dps[4 * i + 3] + v * g3;
        }
      }
      for (int j = 0; j < 4; j++) {
        int t = t0 + 4 * x + j;
        float l = 0.0f;
        float total = 0.0f;
        if (t < positions) {
          int row = first * heads + head * positions + t;
          l = lse.get(lo + row);
          total = rowSum.get(ro + row);
        }
        for (int i = 0; i < 4; i++) {
          float p = 0.0f;
          if (t < positions && u0 + 4 * z + i <= t) {
            p = TornadoMath.exp(scale * scores[4 * i + j] - l);
          }
          shares[(4 * x + j) * LINE + 4 * z + i] = p;
          slopes[(4 * x + j) * LINE + 4 * z + i] = scale * p * (dps[4 * i + j] - total);
        }
      }
      c.localBarrier();
      for (int t = 0; t < TILE; t++) {
        float p0 = shares[t * LINE + 4 * z];
        float p1 = shares[t * LINE + 4 * z + 1];
        float p2 = shares[t * LINE + 4 * z + 2];
        float p3 = shares[t * LINE + 4 * z + 3];
        float s0 = slopes[t * LINE + 4 * z];
        float s1 = slopes[t * LINE + 4 * z + 1];
        float s2 = slopes[t * LINE + 4 * z + 2];
        float s3 = slopes[t * LINE + 4 * z + 3];
        for (int j = 0; j < dims; j++) {
          int d = x + SIDE * j;
          float g = d < size ? grads[d * LINE + t] : 0.0f;
          float q = d < size ? queries[d * LINE + t] : 0.0f;
          dv[4 * j] = dv[4 * j] + p0 * g;
          dv[4 * j + 1] = dv[4 * j + 1] + p1 * g;
          dv[4 * j + 2] = dv[4 * j + 2] + p2 * g;
          dv[4 * j + 3] = dv[4 * j + 3] + p3 * g;
          dk[4 * j] = dk[4 * j] + s0 * q;
          dk[4 * j + 1] = dk[4 * j + 1] + s1 * q;
          dk[4 * j + 2] = dk[4 * j + 2] + s2 * q;
          dk[4 * j + 3] = dk[4 * j + 3] + s3 * q;
        }
      }
      c.localBarrier();
    }
    for (int i = 0; i < 4; i++) {
      int u = u0 + 4 * z + i;
      if (u < positions) {
        int k = dxo + (first + u) * stride + (heads + head) * size;
        for (int j = 0; j < dims; j++) {
          int d = x + SIDE * j;
          if (d < size) {
            dqkv.set(k + d, dk[4 * j + i]);
            dqkv.set(k + heads * size + d, dv[4 * j + i]);
          }
        }
      }
    }
  }
}
