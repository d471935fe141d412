package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Causal attention for GPUs, without a T × T array: a group of {@value #ITEMS} work-items has
 * {@value #TILE} positions of a head, and meets the others {@value #TILE} at a time, as
 * FlashAttention does (Dao et al. 2022). What {@link Attention} makes for one pair of positions is
 * made here for {@value #TILE} × {@value #TILE} of them at once, 4 × 4 by a work-item.
 *
 * <p>The first position of a group is no remainder of a division: from the range of a remainder
 * TornadoVM 5.2 would find that the last comparison with the number of positions is always true
 * where that is a multiple of a tile, too late to remove it, and its OpenCL backend would give up.
 *
 * <p>Tiles are in local memory as [dimension, position]. Work-item (x, z) has rows 4z … 4z + 3 of
 * the group's positions, columns 4x … 4x + 3 of the others, and dimensions x, x + 8, … of its rows'
 * results.
 */
public final class TiledAttention {
  /** The work-items of a group. */
  public static final int ITEMS = 64;

  /** The positions of a tile. */
  public static final int TILE = 32;

  /** The most dimensions of a head: local memory has room for four tiles of as many. */
  public static final int MOST_SIZE = 64;

  static final int SIDE = 8;

  /** A row of a tile in local memory: four more, for fewer conflicts of its banks. */
  static final int LINE = TILE + 4;

  /** A row of what each of the work-items of a row has. */
  private static final int PARTS = SIDE + 1;

  private TiledAttention() {}

  /** As {@link Attention#causalF32}. */
  public static void causalTiledF32(
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
    float[] queries = c.allocateFloatLocalArray(size * LINE);
    float[] keys = c.allocateFloatLocalArray(size * LINE);
    float[] values = c.allocateFloatLocalArray(size * LINE);
    float[] shares = c.allocateFloatLocalArray(TILE * LINE);
    float[] parts = c.allocateFloatLocalArray(TILE * PARTS);
    int dims = (size + SIDE - 1) / SIDE;
    float[] acc = new float[4 * dims];
    float[] scores = new float[16];
    float[] max = new float[4];
    float[] sum = new float[4];
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
      float v = 0.0f;
      if (t0 + t < positions) {
        v = scale * qkv.get(xo + (first + t0 + t) * stride + head * size + i % size);
      }
      queries[i % size * LINE + t] = v;
    }
    for (int i = 0; i < 4 * dims; i++) {
      acc[i] = 0.0f;
    }
    for (int i = 0; i < 4; i++) {
      max[i] = -3.4028235e38f;
      sum[i] = 0.0f;
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
      }
      for (int d = 0; d < size; d++) {
        float k0 = keys[d * LINE + 4 * x];
        float k1 = keys[d * LINE + 4 * x + 1];
        float k2 = keys[d * LINE + 4 * x + 2];
        float k3 = keys[d * LINE + 4 * x + 3];
        for (int i = 0; i < 4; i++) {
          float q = queries[d * LINE + 4 * z + i];
          scores[4 * i] = scores[4 * i] + q * k0;
          scores[4 * i + 1] = scores[4 * i + 1] + q * k1;
          scores[4 * i + 2] = scores[4 * i + 2] + q * k2;
          scores[4 * i + 3] = scores[4 * i + 3] + q * k3;
        }
      }
      for (int i = 0; i < 4; i++) {
        float most = -3.4028235e38f;
        for (int j = 0; j < 4; j++) {
          if (u0 + 4 * x + j <= t0 + 4 * z + i && scores[4 * i + j] > most) {
            most = scores[4 * i + j];
          }
        }
        parts[(4 * z + i) * PARTS + x] = most;
      }
      c.localBarrier();
      for (int i = 0; i < 4; i++) {
        float above = max[i];
        for (int j = 0; j < SIDE; j++) {
          float other = parts[(4 * z + i) * PARTS + j];
          above = other > above ? other : above;
        }
        float shrink = TornadoMath.exp(max[i] - above);
        float total = sum[i] * shrink;
        for (int j = 0; j < 4; j++) {
          float p = 0.0f;
          if (u0 + 4 * x + j <= t0 + 4 * z + i) {
            p = TornadoMath.exp(scores[4 * i + j] - above);
          }
          total += p;
          shares[(4 * x + j) * LINE + 4 * z + i] = p;
        }
        sum[i] = total;
        max[i] = above;
        for (int j = 0; j < dims; j++) {
          acc[4 * j + i] = acc[4 * j + i] * shrink;
        }
      }
      c.localBarrier();
      for (int u = 0; u < TILE; u++) {
        float p0 = shares[u * LINE + 4 * z];
        float p1 = shares[u * LINE + 4 * z + 1];
        float p2 = shares[u * LINE + 4 * z + 2];
        float p3 = shares[u * LINE + 4 * z + 3];
        for (int j = 0; j < dims; j++) {
          int d = x + SIDE * j;
          float v = d < size ? values[d * LINE + u] : 0.0f;
          acc[4 * j] = acc[4 * j] + p0 * v;
          acc[4 * j + 1] = acc[4 * j + 1] + p1 * v;
          acc[4 * j + 2] = acc[4 * j + 2] + p2 * v;
          acc[4 * j + 3] = acc[4 * j + 3] + p3 * v;
        }
      }
      c.localBarrier();
    }
    for (int i = 0; i < 4; i++) {
      parts[(4 * z + i) * PARTS + x] = sum[i];
    }
    c.localBarrier();
    for (int i = 0; i < 4; i++) {
      int t = t0 + 4 * z + i;
      if (t < positions) {
        float total = 0.0f;
        for (int j = 0; j < SIDE; j++) {
          total += parts[(4 * z + i) * PARTS + j];
        }
        float inverse = 1.0f / total;
        int y = yo + ((first + t) * heads + head) * size;
        for (int j = 0; j < dims; j++) {
          int d = x + SIDE * j;
          if (d < size) {
            out.set(y + d, acc[4 * j + i] * inverse);
          }
        }
        if (x == 0) {
          lse.set(lo + first * heads + head * positions + t, max[i] + TornadoMath.log(total));
        }
      }
    }
  }
}
