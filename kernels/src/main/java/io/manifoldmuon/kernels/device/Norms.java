package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Root-mean-square norm of rows, {@code lanes} work-items a row as in {@link Reductions}. */
public final class Norms {
  private static final int GROUP = Reductions.GROUP;

  private Norms() {}

  /** y = x·r·gain with r = 1/√(mean(x²) + ε). */
  public static void rmsNormF32(
      KernelContext c,
      FloatArray x,
      int xo,
      FloatArray gain,
      int go,
      FloatArray y,
      int yo,
      int rows,
      int width,
      float epsilon,
      int lanes) {
    float[] part = c.allocateFloatLocalArray(GROUP);
    int local = c.localIdx;
    int lane = local % lanes;
    int row = c.globalIdx / lanes;
    int end = row < rows ? width : 0;
    int at = row * width;
    float sum = 0.0f;
    for (int i = lane; i < end; i += lanes) {
      float v = x.get(xo + at + i);
      sum += v * v;
    }
    part[local] = sum;
    for (int s = lanes / 2; s > 0; s = s / 2) {
      c.localBarrier();
      if (lane < s) {
        part[local] = part[local] + part[local + s];
      }
    }
    c.localBarrier();
    float r = 1.0f / TornadoMath.sqrt(part[local - lane] / width + epsilon);
    for (int i = lane; i < end; i += lanes) {
      y.set(yo + at + i, x.get(xo + at + i) * r * gain.get(go + i));
    }
  }

  /** dx = r·(gain·dy − x·r²·mean(gain·dy·x)); r is kept for the gradient of the gain. */
  public static void rmsNormBackwardF32(
      KernelContext c,
      FloatArray dy,
      int dyo,
      FloatArray x,
      int xo,
      FloatArray gain,
      int go,
      FloatArray dx,
      int dxo,
      FloatArray inverse,
      int io,
      int rows,
      int width,
      float epsilon,
      int lanes) {
    float[] squares = c.allocateFloatLocalArray(GROUP);
    float[] products = c.allocateFloatLocalArray(GROUP);
    int local = c.localIdx;
    int lane = local % lanes;
    int row = c.globalIdx / lanes;
    int end = row < rows ? width : 0;
    int at = row * width;
    float square = 0.0f;
    float product = 0.0f;
    for (int i = lane; i < end; i += lanes) {
      float v = x.get(xo + at + i);
      square += v * v;
      product += gain.get(go + i) * dy.get(dyo + at + i) * v;
    }
    squares[local] = square;
    products[local] = product;
    for (int s = lanes / 2; s > 0; s = s / 2) {
      c.localBarrier();
      if (lane < s) {
        squares[local] = squares[local] + squares[local + s];
        products[local] = products[local] + products[local + s];
      }
    }
    c.localBarrier();
    float r = 1.0f / TornadoMath.sqrt(squares[local - lane] / width + epsilon);
    float mean = r * r * (products[local - lane] / width);
    for (int i = lane; i < end; i += lanes) {
      float g = gain.get(go + i) * dy.get(dyo + at + i);
      dx.set(dxo + at + i, r * (g - x.get(xo + at + i) * mean));
    }
    if (lane == 0 && row < rows) {
      inverse.set(io + row, r);
    }
  }

  /** part[p, j] = Σ dy·x·r over the rows of piece p: one work-item a column and piece. */
  public static void gainGradientF32(
      KernelContext c,
      FloatArray dy,
      int dyo,
      FloatArray x,
      int xo,
      FloatArray inverse,
      int io,
      FloatArray part,
      int po,
      int rows,
      int width,
      int pieces,
      int length) {
    int i = c.globalIdx;
    if (i < pieces * width) {
      int from = i / width * length;
      int to = from + length < rows ? from + length : rows;
      float sum = 0.0f;
      for (int r = from; r < to; r++) {
        int at = r * width + i % width;
        sum += dy.get(dyo + at) * x.get(xo + at) * inverse.get(io + r);
      }
      part.set(po + i, sum);
    }
  }
}
