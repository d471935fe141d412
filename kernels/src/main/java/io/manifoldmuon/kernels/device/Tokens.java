package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Rows of tables and of tokens, moved and summed by index. Position is a permutation of rows. */
public final class Tokens {
  private static final int GROUP = Reductions.GROUP;

  private Tokens() {}

  /** y[n] = table[ids[n]]; one work-item an element. */
  public static void embeddingF32(
      KernelContext c,
      FloatArray table,
      int to,
      IntArray ids,
      int io,
      FloatArray y,
      int yo,
      int rows,
      int width) {
    int i = c.globalIdx;
    if (i < rows * width) {
      y.set(yo + i, table.get(to + ids.get(io + i / width) * width + i % width));
    }
  }

  /** dtable[v] = Σ dy[n] over n = order[offsets[v] … offsets[v+1]]; one work-item an element. */
  public static void embeddingBackwardF32(
      KernelContext c,
      FloatArray dy,
      int dyo,
      IntArray order,
      int oo,
      IntArray offsets,
      int so,
      FloatArray table,
      int to,
      int vocabulary,
      int width) {
    int i = c.globalIdx;
    if (i < vocabulary * width) {
      int row = i / width;
      int end = offsets.get(so + row + 1);
      float sum = 0.0f;
      for (int s = offsets.get(so + row); s < end; s++) {
        sum += dy.get(dyo + order.get(oo + s) * width + i % width);
      }
      table.set(to + i, sum);
    }
  }

  /** y[position[n·k + j]] = x[n]; one work-item an element of y. */
  public static void gatherF32(
      KernelContext c,
      FloatArray x,
      int xo,
      IntArray position,
      int po,
      FloatArray y,
      int yo,
      int slots,
      int k,
      int width) {
    int i = c.globalIdx;
    if (i < slots * width) {
      int s = i / width;
      int d = i % width;
      y.set(yo + position.get(po + s) * width + d, x.get(xo + s / k * width + d));
    }
  }

  /** y[n] = Σⱼ z[position[n·k + j]]; one work-item an element of y. */
  public static void sumF32(
      KernelContext c,
      FloatArray z,
      int zo,
      IntArray position,
      int po,
      FloatArray y,
      int yo,
      int rows,
      int k,
      int width) {
    int i = c.globalIdx;
    if (i < rows * width) {
      int n = i / width;
      int d = i % width;
      float sum = 0.0f;
      for (int j = 0; j < k; j++) {
        sum += z.get(zo + position.get(po + n * k + j) * width + d);
      }
      y.set(yo + i, sum);
    }
  }

  /** y[n] = Σⱼ w[n, j]·z[position[n·k + j]]; one work-item an element of y. */
  public static void combineF32(
      KernelContext c,
      FloatArray z,
      int zo,
      FloatArray w,
      int wo,
      IntArray position,
      int po,
      FloatArray y,
      int yo,
      int rows,
      int k,
      int width) {
    int i = c.globalIdx;
    if (i < rows * width) {
      int n = i / width;
      int d = i % width;
      float sum = 0.0f;
      for (int j = 0; j < k; j++) {
        int slot = n * k + j;
        sum += w.get(wo + slot) * z.get(zo + position.get(po + slot) * width + d);
      }
      y.set(yo + i, sum);
    }
  }

  /** dz[position[s]] = w[s]·dy[s / k] and dw[s] = z[position[s]]·dy[s / k]; lanes a slot. */
  public static void combineBackwardF32(
      KernelContext c,
      FloatArray dy,
      int dyo,
      FloatArray z,
      int zo,
      FloatArray w,
      int wo,
      IntArray position,
      int po,
      FloatArray dz,
      int dzo,
      FloatArray dw,
      int dwo,
      int slots,
      int k,
      int width,
      int lanes) {
    float[] part = c.allocateFloatLocalArray(GROUP);
    int local = c.localIdx;
    int lane = local % lanes;
    int s = c.globalIdx / lanes;
    float sum = 0.0f;
    if (s < slots) {
      int row = position.get(po + s) * width;
      float weight = w.get(wo + s);
      for (int d = lane; d < width; d += lanes) {
        float grad = dy.get(dyo + s / k * width + d);
        dz.set(dzo + row + d, weight * grad);
        sum += z.get(zo + row + d) * grad;
      }
    }
    part[local] = sum;
    for (int h = lanes / 2; h > 0; h = h / 2) {
      c.localBarrier();
      if (lane < h) {
        part[local] = part[local] + part[local + h];
      }
    }
    if (lane == 0 && s < slots) {
      dw.set(dwo + s, part[local]);
    }
  }
}
