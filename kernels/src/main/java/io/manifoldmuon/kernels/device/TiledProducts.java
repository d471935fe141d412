package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Matrix products for GPUs: a group of s × s work-items makes 8s rows and columns of one result,
 * each work-item 8 × 8 of them in registers. The next {@value #DEPTH} terms are on their way from
 * global memory while those before are added: local memory holds two of them in turn. Edges are
 * filled with zeros. {@code side} is s: large groups read less of global memory for each sum, small
 * ones are more.
 *
 * <p>Work-item (x, y) has the rows 4y … 4y + 3 of the upper and of the lower half of the group's,
 * and the columns 4x … 4x + 3 of the left and of the right half. Local arrays are not given to
 * methods, which TornadoVM 5.2 gets wrong; that makes the kernel long.
 */
public final class TiledProducts {
  /** The side of a large group. */
  public static final int LARGE = 16;

  /** The side of a small group. */
  public static final int SMALL = 8;

  /** The rows, and the columns, of a work-item. */
  public static final int BLOCK = 8;

  /** The terms of a sum that are added between two barriers. */
  public static final int DEPTH = 16;

  /** A bit of {@code form}: A is given as [k, m]. */
  public static final int TRANSPOSE_A = VectorProducts.TRANSPOSE_A;

  /** A bit of {@code form}: B is given as [n, k]. */
  public static final int TRANSPOSE_B = VectorProducts.TRANSPOSE_B;

  /** A bit of {@code form}: the result is symmetric, only half of it is computed. */
  public static final int TRIANGLE = VectorProducts.TRIANGLE;

  /** A bit of {@code form}: the rows of an expert are the terms of the sums. */
  public static final int OUTER = VectorProducts.OUTER;

  /** A bit of {@code form}: the rows of A belong to experts, each with a matrix B of its own. */
  public static final int GROUPED = 16;

  private TiledProducts() {}

  /**
   * Y = α·op(A)·op(B) + β·E + δ·I of each of a stack; E is not read where β is 0. With {@link
   * #GROUPED} y[r] = a[r]·op(B[e]) for the rows r of each expert e, with {@link #OUTER} Y[e] = AᵀB
   * over these rows; {@code offsets} holds where the rows of each expert begin, and where the last
   * end. Group x makes columns, group y rows, group z is the member of the stack.
   *
   * @param numbers where A, B, E, Y and the offsets begin, then m, k, n and the experts; with
   *     {@link #OUTER} m is the columns of A, and k is not used
   * @param form {@link #TRANSPOSE_A}, {@link #TRANSPOSE_B}, {@link #TRIANGLE}, {@link #GROUPED},
   *     {@link #OUTER}
   * @param side the side of the groups
   */
  public static void productTiledF32(
      KernelContext c,
      IntArray numbers,
      FloatArray a,
      FloatArray b,
      FloatArray e,
      FloatArray y,
      IntArray offsets,
      int form,
      int side,
      float alpha,
      float beta,
      float delta) {
    int tile = BLOCK * side;
    int half = tile / 2;
    int items = side * side;
    int fetches = tile * DEPTH / items;
    // four more than a tile, for fewer conflicts of the banks
    int line = tile + 4;
    int stage = DEPTH * line;
    float[] left = c.allocateFloatLocalArray(2 * DEPTH * (BLOCK * side + 4));
    float[] right = c.allocateFloatLocalArray(2 * DEPTH * (BLOCK * side + 4));
    float[] sums = new float[BLOCK * BLOCK];
    float[] nextLeft = new float[BLOCK * DEPTH / side];
    float[] nextRight = new float[BLOCK * DEPTH / side];
    int x = c.localIdx;
    int z = c.localIdy;
    int item = z * side + x;
    int oo = numbers.get(4);
    int m = numbers.get(5);
    int k = numbers.get(6);
    int n = numbers.get(7);
    int column = tile * c.groupIdx;
    int row = tile * c.groupIdy;
    int stack = c.groupIdz;
    int outer = form & OUTER;
    int first = 0;
    int end = m;
    if ((form & GROUPED) != 0) {
      // the tiles of each expert that ends before are passed over
      int experts = numbers.get(8);
      end = offsets.get(oo + 1);
      while (row >= end && stack < experts - 1) {
        int tiles = (end - first + tile - 1) / tile;
        row = end + row - first - tiles * tile;
        stack++;
        first = end;
        end = offsets.get(oo + stack + 1);
      }
    }
    if (outer != 0) {
      first = offsets.get(oo + stack);
      k = offsets.get(oo + stack + 1) - first;
    }
    // where the matrices of this group begin
    int member = (form & GROUPED) != 0 ? 0 : stack;
    int at = numbers.get(0) + (outer != 0 ? first * m : member * m * k);
    int bt = numbers.get(1) + (outer != 0 ? first * n : stack * k * n);
    int et = numbers.get(2) + member * m * n;
    int yt = numbers.get(3) + member * m * n;
    // the first element of each operand that this work-item fetches, and the steps to the others
    int ta = form & (TRANSPOSE_A | OUTER);
    int tb = form & TRANSPOSE_B;
    int ar = ta != 0 ? item % tile : item / DEPTH;
    int aq = ta != 0 ? item / tile : item % DEPTH;
    int ars = ta != 0 ? 0 : items / DEPTH;
    int aqs = ta != 0 ? items / tile : 0;
    int arow = ta != 0 ? 1 : k;
    int aterm = ta != 0 ? m : 1;
    int br = tb != 0 ? item / DEPTH : item % tile;
    int bq = tb != 0 ? item % DEPTH : item / tile;
    int brs = tb != 0 ? items / DEPTH : 0;
    int bqs = tb != 0 ? 0 : items / tile;
    int bcolumn = tb != 0 ? k : 1;
    int bterm = tb != 0 ? 1 : n;
    at = at + (row + ar) * arow + aq * aterm;
    bt = bt + (column + br) * bcolumn + bq * bterm;
    for (int i = 0; i < BLOCK * BLOCK; i++) {
      sums[i] = 0.0f;
    }
    // of a triangle, groups above the diagonal have nothing to do; groups beyond the last tile of
    // the last expert neither
    int triangle = form & TRIANGLE;
    int bottom = triangle != 0 && column > row ? 0 : end;
    int rounds = row < bottom ? (k + DEPTH - 1) / DEPTH + 1 : 0;
    // round r fetches the terms from 16r and adds those before
    for (int round = 0; round < rounds; round++) {
      int p = round * DEPTH;
      for (int i = 0; i < fetches; i++) {
        float v = 0.0f;
        if (row + ar + i * ars < end && p + aq + i * aqs < k) {
          v = a.get(at + p * aterm + i * (ars * arow + aqs * aterm));
        }
        nextLeft[i] = v;
      }
      for (int i = 0; i < fetches; i++) {
        float v = 0.0f;
        if (column + br + i * brs < n && p + bq + i * bqs < k) {
          v = b.get(bt + p * bterm + i * (brs * bcolumn + bqs * bterm));
        }
        nextRight[i] = v;
      }
      int fetched = (round & 1) * stage;
      if (round > 0) {
        int added = stage - fetched;
        for (int q = 0; q < DEPTH; q++) {
          int l = added + q * line + 4 * z;
          int r = added + q * line + 4 * x;
          float b0 = right[r];
          float b1 = right[r + 1];
          float b2 = right[r + 2];
          float b3 = right[r + 3];
          float b4 = right[r + half];
          float b5 = right[r + half + 1];
          float b6 = right[r + half + 2];
          float b7 = right[r + half + 3];
          for (int i = 0; i < 8; i++) {
            float v = left[l + (i & 3) + (i >> 2) * half];
            sums[8 * i] = sums[8 * i] + v * b0;
            sums[8 * i + 1] = sums[8 * i + 1] + v * b1;
            sums[8 * i + 2] = sums[8 * i + 2] + v * b2;
            sums[8 * i + 3] = sums[8 * i + 3] + v * b3;
            sums[8 * i + 4] = sums[8 * i + 4] + v * b4;
            sums[8 * i + 5] = sums[8 * i + 5] + v * b5;
            sums[8 * i + 6] = sums[8 * i + 6] + v * b6;
            sums[8 * i + 7] = sums[8 * i + 7] + v * b7;
          }
        }
      }
      for (int i = 0; i < fetches; i++) {
        left[fetched + (aq + i * aqs) * line + ar + i * ars] = nextLeft[i];
      }
      for (int i = 0; i < fetches; i++) {
        right[fetched + (bq + i * bqs) * line + br + i * brs] = nextRight[i];
      }
      c.localBarrier();
    }
    // of a triangle what is below the diagonal is copied to above it, in the tiles on it as well:
    // AB and its transpose BA differ by rounding
    for (int i = 0; i < 8; i++) {
      int r = row + 4 * z + (i & 3) + (i >> 2) * half;
      int stop = triangle != 0 ? Math.min(n, r + 1) : n;
      if (r < bottom) {
        for (int j = 0; j < 8; j++) {
          int q = column + 4 * x + (j & 3) + (j >> 2) * half;
          if (q < stop) {
            float sum = alpha * sums[8 * i + j];
            if (beta != 0.0f) {
              sum += beta * e.get(et + r * n + q);
            }
            float diagonal = r == q ? delta : 0.0f;
            y.set(yt + r * n + q, sum + diagonal);
          }
        }
      }
    }
    if (triangle != 0) {
      for (int i = 0; i < 8; i++) {
        int r = row + 4 * z + (i & 3) + (i >> 2) * half;
        if (r < bottom) {
          for (int j = 0; j < 8; j++) {
            int q = column + 4 * x + (j & 3) + (j >> 2) * half;
            if (q < r) {
              float sum = alpha * sums[8 * i + j];
              if (beta != 0.0f) {
                sum += beta * e.get(et + q * n + r);
              }
              y.set(yt + q * n + r, sum);
            }
          }
        }
      }
    }
  }
}
