package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Matrix products for GPUs: a group of {@value #SIDE} × {@value #SIDE} work-items makes {@value
 * #TILE} rows and columns of one result, each work-item 4 × 4 of them in registers; {@value #DEPTH}
 * terms of all sums at a time are in local memory. Edges are filled with zeros.
 *
 * <p>Work-item (x, y) has the rows 4y … 4y + 3 and the columns x, x + 16, x + 32, x + 48:
 * neighbours write neighbouring elements. Local arrays are not given to methods, which TornadoVM
 * 5.2 gets wrong; that makes the kernels long.
 */
public final class TiledProducts {
  /** The work-items of a group in each of two dimensions. */
  public static final int SIDE = 16;

  /** The rows and columns of a group. */
  public static final int TILE = 64;

  /** The terms of a sum in local memory. */
  public static final int DEPTH = 16;

  /** A bit of {@code form}: A is given as [k, m]. */
  public static final int TRANSPOSE_A = VectorProducts.TRANSPOSE_A;

  /** A bit of {@code form}: B is given as [n, k]. */
  public static final int TRANSPOSE_B = VectorProducts.TRANSPOSE_B;

  /** A bit of {@code form}: the result is symmetric, only half of it is computed. */
  public static final int TRIANGLE = VectorProducts.TRIANGLE;

  /** A bit of {@code form}: the rows of an expert are the terms of the sums. */
  public static final int OUTER = VectorProducts.OUTER;

  private static final int ITEMS = SIDE * SIDE;

  /** A row of local memory; one more than a tile, so that a column of it is in all banks. */
  private static final int ROW = TILE + 1;

  private TiledProducts() {}

  /**
   * Y = α·op(A)·op(B) + β·E + δ·I of each of a stack; E is not read where β is 0. Group x makes
   * columns, group y rows, group z is the member.
   *
   * @param form {@link #TRANSPOSE_A}, {@link #TRANSPOSE_B} and {@link #TRIANGLE}
   */
  public static void productTiledF32(
      KernelContext c,
      FloatArray a,
      int ao,
      FloatArray b,
      int bo,
      FloatArray e,
      int eo,
      FloatArray y,
      int yo,
      int m,
      int k,
      int n,
      int form,
      float alpha,
      float beta,
      float delta) {
    float[] left = c.allocateFloatLocalArray(DEPTH * ROW);
    float[] right = c.allocateFloatLocalArray(DEPTH * ROW);
    float[] sums = new float[16];
    int x = c.localIdx;
    int z = c.localIdy;
    int item = z * SIDE + x;
    int column = TILE * c.groupIdx;
    int row = TILE * c.groupIdy;
    int at = ao + c.groupIdz * m * k;
    int bt = bo + c.groupIdz * k * n;
    int et = eo + c.groupIdz * m * n;
    int yt = yo + c.groupIdz * m * n;
    for (int i = 0; i < 16; i++) {
      sums[i] = 0.0f;
    }
    // of a triangle, groups above the diagonal have nothing to do: all their work-items see no
    // terms
    int terms = (form & TRIANGLE) != 0 && column > row ? 0 : k;
    for (int p = 0; p < terms; p += DEPTH) {
      for (int i = item; i < DEPTH * TILE; i += ITEMS) {
        int r = (form & TRANSPOSE_A) != 0 ? i % TILE : i / DEPTH;
        int q = (form & TRANSPOSE_A) != 0 ? i / TILE : i % DEPTH;
        float v = 0.0f;
        if (row + r < m && p + q < k) {
          int place = (form & TRANSPOSE_A) != 0 ? (p + q) * m + row + r : (row + r) * k + p + q;
          v = a.get(at + place);
        }
        left[q * ROW + r] = v;
      }
      for (int i = item; i < DEPTH * TILE; i += ITEMS) {
        int r = (form & TRANSPOSE_B) != 0 ? i / DEPTH : i % TILE;
        int q = (form & TRANSPOSE_B) != 0 ? i % DEPTH : i / TILE;
        float v = 0.0f;
        if (column + r < n && p + q < k) {
          int place =
              (form & TRANSPOSE_B) != 0 ? (column + r) * k + p + q : (p + q) * n + column + r;
          v = b.get(bt + place);
        }
        right[q * ROW + r] = v;
      }
      c.localBarrier();
      for (int q = 0; q < DEPTH; q++) {
        for (int i = 0; i < 4; i++) {
          float v = left[q * ROW + 4 * z + i];
          for (int j = 0; j < 4; j++) {
            sums[4 * i + j] = sums[4 * i + j] + v * right[q * ROW + x + SIDE * j];
          }
        }
      }
      c.localBarrier();
    }
    // of a triangle what is below the diagonal is copied to above it, in the tiles on it as well:
    // AB and its transpose BA differ by rounding
    int triangle = form & TRIANGLE;
    int bottom = Math.min(m, terms * TILE + row);
    for (int i = 0; i < 4; i++) {
      int r = row + 4 * z + i;
      int end = triangle != 0 ? Math.min(n, r + 1) : n;
      if (r < bottom) {
        for (int j = 0; j < 4; j++) {
          int q = column + x + SIDE * j;
          if (q < end) {
            float sum = alpha * sums[4 * i + j];
            if (beta != 0.0f) {
              sum += beta * e.get(et + r * n + q);
            }
            float diagonal = r == q ? delta : 0.0f;
            y.set(yt + r * n + q, sum + diagonal);
          }
        }
      }
    }
    for (int i = 0; i < 4; i++) {
      int r = row + 4 * z + i;
      int mirror = triangle != 0 ? Math.min(n, r) : 0;
      if (r < bottom) {
        for (int j = 0; j < 4; j++) {
          int q = column + x + SIDE * j;
          if (q < mirror) {
            float sum = alpha * sums[4 * i + j];
            if (beta != 0.0f) {
              sum += beta * e.get(et + q * n + r);
            }
            y.set(yt + q * n + r, sum);
          }
        }
      }
    }
  }

  /**
   * Products over the row ranges of experts, which {@code offsets} holds, as {@link
   * VectorProducts#groupedVectorF32} with spans of {@value #TILE} rows.
   *
   * @param inner k, or m with {@link #OUTER}
   */
  public static void groupedTiledF32(
      KernelContext c,
      FloatArray a,
      int ao,
      FloatArray b,
      int bo,
      IntArray offsets,
      int oo,
      FloatArray y,
      int yo,
      int inner,
      int n,
      int experts,
      int form) {
    float[] left = c.allocateFloatLocalArray(DEPTH * ROW);
    float[] right = c.allocateFloatLocalArray(DEPTH * ROW);
    float[] sums = new float[16];
    int outer = form & OUTER;
    int x = c.localIdx;
    int z = c.localIdy;
    int item = z * SIDE + x;
    int column = TILE * c.groupIdx;
    int row = TILE * c.groupIdy;
    int expert = 0;
    int start = 0;
    int stop = offsets.get(oo + 1);
    if (outer != 0) {
      expert = c.groupIdz;
      start = offsets.get(oo + expert);
      stop = offsets.get(oo + expert + 1);
    } else {
      // the tiles of each expert that ends before are passed over
      while (row >= stop && expert < experts - 1) {
        int tiles = (stop - start + TILE - 1) / TILE;
        row = stop + row - start - tiles * TILE;
        expert++;
        start = stop;
        stop = offsets.get(oo + expert + 1);
      }
    }
    int end = outer != 0 ? inner : stop;
    int k = outer != 0 ? stop - start : inner;
    int bt = outer != 0 ? bo + start * n : bo + expert * inner * n;
    int yt = outer != 0 ? yo + expert * inner * n : yo;
    for (int i = 0; i < 16; i++) {
      sums[i] = 0.0f;
    }
    // groups beyond the last tile see no terms and write nothing
    int terms = row < end ? k : 0;
    for (int p = 0; p < terms; p += DEPTH) {
      for (int i = item; i < DEPTH * TILE; i += ITEMS) {
        int r = outer != 0 ? i % TILE : i / DEPTH;
        int q = outer != 0 ? i / TILE : i % DEPTH;
        float v = 0.0f;
        if (row + r < end && p + q < k) {
          int place = outer != 0 ? (start + p + q) * inner + row + r : (row + r) * inner + p + q;
          v = a.get(ao + place);
        }
        left[q * ROW + r] = v;
      }
      for (int i = item; i < DEPTH * TILE; i += ITEMS) {
        int r = (form & TRANSPOSE_B) != 0 ? i / DEPTH : i % TILE;
        int q = (form & TRANSPOSE_B) != 0 ? i % DEPTH : i / TILE;
        float v = 0.0f;
        if (column + r < n && p + q < k) {
          int place =
              (form & TRANSPOSE_B) != 0 ? (column + r) * k + p + q : (p + q) * n + column + r;
          v = b.get(bt + place);
        }
        right[q * ROW + r] = v;
      }
      c.localBarrier();
      for (int q = 0; q < DEPTH; q++) {
        for (int i = 0; i < 4; i++) {
          float v = left[q * ROW + 4 * z + i];
          for (int j = 0; j < 4; j++) {
            sums[4 * i + j] = sums[4 * i + j] + v * right[q * ROW + x + SIDE * j];
          }
        }
      }
      c.localBarrier();
    }
    for (int i = 0; i < 4; i++) {
      int r = row + 4 * z + i;
      for (int j = 0; j < 4; j++) {
        int q = column + x + SIDE * j;
        if (r < end && q < n) {
          y.set(yt + r * n + q, sums[4 * i + j]);
        }
      }
    }
  }
}
