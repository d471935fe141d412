package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Matrix products as their definitions say, one work-item an element. */
public final class PlainProducts {
  private PlainProducts() {}

  /** C = op(A)·op(B) for each of a stack; the strides of rows and columns tell the transposes. */
  public static void matMulF32(
      KernelContext c,
      FloatArray a,
      int ao,
      FloatArray b,
      int bo,
      FloatArray y,
      int yo,
      int count,
      int m,
      int k,
      int n,
      int transposeA,
      int transposeB) {
    int i = c.globalIdx;
    if (i < count * m * n) {
      int member = i / (m * n);
      int row = i / n % m;
      int column = i % n;
      int at = ao + member * m * k + (transposeA == 1 ? row : row * k);
      int bt = bo + member * k * n + (transposeB == 1 ? column * k : column);
      int stepA = transposeA == 1 ? m : 1;
      int stepB = transposeB == 1 ? 1 : n;
      float sum = 0.0f;
      for (int j = 0; j < k; j++) {
        sum += a.get(at + j * stepA) * b.get(bt + j * stepB);
      }
      y.set(yo + i, sum);
    }
  }

  /** y[r] = x[r]·W of the expert whose rows hold r. */
  public static void groupedMatMulF32(
      KernelContext c,
      FloatArray x,
      int xo,
      FloatArray w,
      int wo,
      IntArray offsets,
      int oo,
      FloatArray y,
      int yo,
      int rows,
      int k,
      int n,
      int experts,
      int transposeW) {
    int i = c.globalIdx;
    if (i < rows * n) {
      int row = i / n;
      int column = i % n;
      int expert = 0;
      for (int e = 1; e < experts; e++) {
        expert = offsets.get(oo + e) <= row ? e : expert;
      }
      int wt = wo + expert * k * n + (transposeW == 1 ? column * k : column);
      int step = transposeW == 1 ? 1 : n;
      float sum = 0.0f;
      for (int j = 0; j < k; j++) {
        sum += x.get(xo + row * k + j) * w.get(wt + j * step);
      }
      y.set(yo + i, sum);
    }
  }

  /** Y = AᵀB over the rows of each expert. */
  public static void groupedOuterF32(
      KernelContext c,
      FloatArray a,
      int ao,
      FloatArray b,
      int bo,
      IntArray offsets,
      int oo,
      FloatArray y,
      int yo,
      int m,
      int n,
      int experts) {
    int i = c.globalIdx;
    if (i < experts * m * n) {
      int expert = i / (m * n);
      int row = i / n % m;
      int column = i % n;
      int end = offsets.get(oo + expert + 1);
      float sum = 0.0f;
      for (int r = offsets.get(oo + expert); r < end; r++) {
        sum += a.get(ao + r * m + row) * b.get(bo + r * n + column);
      }
      y.set(yo + i, sum);
    }
  }
}
