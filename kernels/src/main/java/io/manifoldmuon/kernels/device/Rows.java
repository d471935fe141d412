package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Softmax and its relatives, {@code lanes} work-items a row as in {@link Reductions}. */
public final class Rows {
  private static final int GROUP = Reductions.GROUP;
  private static final float LOWEST = -3.4028235e38f;

  private Rows() {}

  /** p = e^x / Σ e^x, shifted by the largest x. */
  public static void softmaxF32(
      KernelContext c, FloatArray x, int xo, FloatArray y, int yo, int rows, int width, int lanes) {
    float[] part = c.allocateFloatLocalArray(GROUP);
    int local = c.localIdx;
    int lane = local % lanes;
    int row = c.globalIdx / lanes;
    int end = row < rows ? width : 0;
    int at = row * width;
    float max = LOWEST;
    for (int i = lane; i < end; i += lanes) {
      float v = x.get(xo + at + i);
      max = v > max ? v : max;
    }
    part[local] = max;
    for (int s = lanes / 2; s > 0; s = s / 2) {
      c.localBarrier();
      if (lane < s) {
        part[local] = part[local] > part[local + s] ? part[local] : part[local + s];
      }
    }
    c.localBarrier();
    max = part[local - lane];
    c.localBarrier();
    float sum = 0.0f;
    for (int i = lane; i < end; i += lanes) {
      sum += TornadoMath.exp(x.get(xo + at + i) - max);
    }
    part[local] = sum;
    for (int s = lanes / 2; s > 0; s = s / 2) {
      c.localBarrier();
      if (lane < s) {
        part[local] = part[local] + part[local + s];
      }
    }
    c.localBarrier();
    float inverse = 1.0f / part[local - lane];
    for (int i = lane; i < end; i += lanes) {
      y.set(yo + at + i, TornadoMath.exp(x.get(xo + at + i) - max) * inverse);
    }
  }

  /** dx = p·(dy − Σ p·dy). */
  public static void softmaxBackwardF32(
      KernelContext c,
      FloatArray dy,
      int dyo,
      FloatArray p,
      int po,
      FloatArray dx,
      int dxo,
      int rows,
      int width,
      int lanes) {
    float[] part = c.allocateFloatLocalArray(GROUP);
    int local = c.localIdx;
    int lane = local % lanes;
    int row = c.globalIdx / lanes;
    int end = row < rows ? width : 0;
    int at = row * width;
    float sum = 0.0f;
    for (int i = lane; i < end; i += lanes) {
      sum += p.get(po + at + i) * dy.get(dyo + at + i);
    }
    part[local] = sum;
    for (int s = lanes / 2; s > 0; s = s / 2) {
      c.localBarrier();
      if (lane < s) {
        part[local] = part[local] + part[local + s];
      }
    }
    c.localBarrier();
    float dot = part[local - lane];
    for (int i = lane; i < end; i += lanes) {
      dx.set(dxo + at + i, p.get(po + at + i) * (dy.get(dyo + at + i) - dot));
    }
  }

  /** y = ln Σ e^x, shifted by the largest x. */
  public static void logSumExpF32(
      KernelContext c, FloatArray x, int xo, FloatArray y, int yo, int rows, int width, int lanes) {
    float[] part = c.allocateFloatLocalArray(GROUP);
    int local = c.localIdx;
    int lane = local % lanes;
    int row = c.globalIdx / lanes;
    int end = row < rows ? width : 0;
    int at = row * width;
    float max = LOWEST;
    for (int i = lane; i < end; i += lanes) {
      float v = x.get(xo + at + i);
      max = v > max ? v : max;
    }
    part[local] = max;
    for (int s = lanes / 2; s > 0; s = s / 2) {
      c.localBarrier();
      if (lane < s) {
        part[local] = part[local] > part[local + s] ? part[local] : part[local + s];
      }
    }
    c.localBarrier();
    max = part[local - lane];
    c.localBarrier();
    float sum = 0.0f;
    for (int i = lane; i < end; i += lanes) {
      sum += TornadoMath.exp(x.get(xo + at + i) - max);
    }
    part[local] = sum;
    for (int s = lanes / 2; s > 0; s = s / 2) {
      c.localBarrier();
      if (lane < s) {
        part[local] = part[local] + part[local + s];
      }
    }
    if (lane == 0 && row < rows) {
      y.set(yo + row, max + TornadoMath.log(part[local]));
    }
  }

  /** loss = lse − logit of the target, with lse already there. */
  public static void crossEntropyF32(
      KernelContext c,
      FloatArray logits,
      int lo,
      FloatArray lse,
      int so,
      IntArray targets,
      int to,
      FloatArray loss,
      int yo,
      int rows,
      int width) {
    int row = c.globalIdx;
    if (row < rows) {
      loss.set(yo + row, lse.get(so + row) - logits.get(lo + row * width + targets.get(to + row)));
    }
  }

  /** dlogits = dloss·(e^(logits − lse) − onehot(target)); one work-item an element. */
  public static void crossEntropyBackwardF32(
      KernelContext c,
      FloatArray logits,
      int lo,
      FloatArray lse,
      int so,
      IntArray targets,
      int to,
      FloatArray dloss,
      int go,
      FloatArray dlogits,
      int yo,
      int rows,
      int width) {
    int i = c.globalIdx;
    if (i < rows * width) {
      int row = i / width;
      float hit = targets.get(to + row) == i % width ? 1.0f : 0.0f;
      float p = TornadoMath.exp(logits.get(lo + i) - lse.get(so + row));
      dlogits.set(yo + i, dloss.get(go + row) * (p - hit));
    }
  }
}
