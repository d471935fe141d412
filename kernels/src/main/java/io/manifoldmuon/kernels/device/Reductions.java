package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Sums and maxima of rows and columns.
 *
 * <p>A row, or a piece of one, is reduced by {@code lanes} neighbouring work-items, a power of two
 * up to {@link #GROUP}: each takes every lanes-th element, then a tree in local memory joins them.
 * Every work-item of a group meets every barrier, also those beyond the last row. A local array may
 * not be passed to a method (TornadoVM compiles that to something else), so the tree stands in each
 * kernel. A tensor with few long rows is cut into pieces: the pieces are reduced by one task, their
 * results by the next; a reduction over several groups inside one task would be a race.
 */
public final class Reductions {
  /** The work-items of a group. */
  public static final int GROUP = 64;

  private Reductions() {}

  /** y[r·pieces + p] = Σ a·b over piece p of row r. */
  public static void dotRowsF32(
      KernelContext c,
      FloatArray a,
      int ao,
      FloatArray b,
      int bo,
      FloatArray y,
      int yo,
      int rows,
      int width,
      int pieces,
      int length,
      int lanes) {
    float[] part = c.allocateFloatLocalArray(GROUP);
    int local = c.localIdx;
    int lane = local % lanes;
    int out = c.globalIdx / lanes;
    int from = out % pieces * length;
    int to = out < rows * pieces ? (from + length < width ? from + length : width) : 0;
    int row = out / pieces * width;
    float sum = 0.0f;
    for (int i = from + lane; i < to; i += lanes) {
      sum += a.get(ao + row + i) * b.get(bo + row + i);
    }
    part[local] = sum;
    for (int s = lanes / 2; s > 0; s = s / 2) {
      c.localBarrier();
      if (lane < s) {
        part[local] = part[local] + part[local + s];
      }
    }
    if (lane == 0 && out < rows * pieces) {
      y.set(yo + out, part[local]);
    }
  }

  /** y[r·pieces + p] = Σ x over piece p of row r. */
  public static void sumRowsF32(
      KernelContext c,
      FloatArray x,
      int xo,
      FloatArray y,
      int yo,
      int rows,
      int width,
      int pieces,
      int length,
      int lanes) {
    float[] part = c.allocateFloatLocalArray(GROUP);
    int local = c.localIdx;
    int lane = local % lanes;
    int out = c.globalIdx / lanes;
    int from = out % pieces * length;
    int to = out < rows * pieces ? (from + length < width ? from + length : width) : 0;
    int row = out / pieces * width;
    float sum = 0.0f;
    for (int i = from + lane; i < to; i += lanes) {
      sum += x.get(xo + row + i);
    }
    part[local] = sum;
    for (int s = lanes / 2; s > 0; s = s / 2) {
      c.localBarrier();
      if (lane < s) {
        part[local] = part[local] + part[local + s];
      }
    }
    if (lane == 0 && out < rows * pieces) {
      y.set(yo + out, part[local]);
    }
  }

  /** y[r·pieces + p] = max |x| over piece p of row r, NaN if one is. */
  public static void maxAbsRowsF32(
      KernelContext c,
      FloatArray x,
      int xo,
      FloatArray y,
      int yo,
      int rows,
      int width,
      int pieces,
      int length,
      int lanes) {
    float[] part = c.allocateFloatLocalArray(GROUP);
    int local = c.localIdx;
    int lane = local % lanes;
    int out = c.globalIdx / lanes;
    int from = out % pieces * length;
    int to = out < rows * pieces ? (from + length < width ? from + length : width) : 0;
    int row = out / pieces * width;
    float max = 0.0f;
    for (int i = from + lane; i < to; i += lanes) {
      max = Functions.combine(Functions.MAX, max, TornadoMath.abs(x.get(xo + row + i)));
    }
    part[local] = max;
    for (int s = lanes / 2; s > 0; s = s / 2) {
      c.localBarrier();
      if (lane < s) {
        part[local] = Functions.combine(Functions.MAX, part[local], part[local + s]);
      }
    }
    if (lane == 0 && out < rows * pieces) {
      y.set(yo + out, part[local]);
    }
  }

  /** y[p, j] = Σ x[r, j] over the rows r of piece p: one work-item a column and piece. */
  public static void sumColumnsF32(
      KernelContext c,
      FloatArray x,
      int xo,
      FloatArray y,
      int yo,
      int rows,
      int columns,
      int pieces,
      int length) {
    int i = c.globalIdx;
    if (i < pieces * columns) {
      int from = i / columns * length;
      int to = from + length < rows ? from + length : rows;
      float sum = 0.0f;
      for (int r = from; r < to; r++) {
        sum += x.get(xo + r * columns + i % columns);
      }
      y.set(yo + i, sum);
    }
  }

  /**
   * y = 1 + the index of the first of n elements that is NaN or, unless allowed, infinite; 0 if there
   * is none. One group.
   */
  public static void firstBadF32(
      KernelContext c, FloatArray x, int xo, FloatArray y, int yo, int n, int allowInfinity) {
    int[] part = c.allocateIntLocalArray(GROUP);
    int local = c.localIdx;
    int first = n;
    for (int i = local; i < n; i += GROUP) {
      float v = x.get(xo + i);
      int good = allowInfinity == 1 ? Functions.isNumber(v) : Functions.isFinite(v);
      int here = good == 1 ? n : i;
      first = here < first ? here : first;
    }
    part[local] = first;
    for (int s = GROUP / 2; s > 0; s = s / 2) {
      c.localBarrier();
      if (local < s) {
        part[local] = part[local] < part[local + s] ? part[local] : part[local + s];
      }
    }
    if (local == 0) {
      y.set(yo, part[0] < n ? 1.0f + part[0] : 0.0f);
    }
  }
}
