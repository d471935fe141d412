package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Matrix products on the tensor cores of CUDA devices: operands rounded to bfloat16, float32 sums.
 * A group of {@value #ITEMS} work-items makes {@value #TILE} rows and columns of one result, each
 * of its eight warps 32 × 64 of them as sixteen fragments of 16 × 8.
 *
 * <p>The next {@value #DEPTH} terms are on their way from global memory while those before are
 * multiplied: local memory holds two of them in turn, as the tensor cores load them. Of A that is
 * {@value #TILE} rows of 16 numbers; of B sixteen blocks of 16 rows of 8. Two numbers are one int.
 *
 * <p>A fragment can only be stored whole, at a place and a stride, and no array holds fragments. So
 * they are written out one by one, results have a multiple of {@value #ROWS} rows and {@value
 * #COLUMNS} columns, and sums are stored first and finished in their place.
 */
public final class TensorProducts {
  /** Work-items of a group, in one row. */
  public static final int ITEMS = 256;

  /** The rows, and the columns, of a group. */
  public static final int TILE = 128;

  /** The terms of a sum that are added between two barriers. */
  public static final int DEPTH = 16;

  /** Results have a multiple of as many rows. */
  public static final int ROWS = 16;

  /** Results have a multiple of as many columns. */
  public static final int COLUMNS = 8;

  private TensorProducts() {}

  /**
   * Y = α·op(A)·op(B) + β·E + δ·I of each of a stack, with the elements of A and B rounded to
   * bfloat16; E is not read where β is 0. Group x makes columns, group y rows, group z is the
   * member of the stack.
   *
   * @param numbers where A, B, E and Y begin, then m, k and n
   * @param form {@link TiledProducts#TRANSPOSE_A}, {@link TiledProducts#TRANSPOSE_B}, {@link
   *     TiledProducts#TRIANGLE}
   */
  public static void productTensorBF16(
      KernelContext c,
      IntArray numbers,
      FloatArray a,
      FloatArray b,
      FloatArray e,
      FloatArray y,
      int form,
      float alpha,
      float beta,
      float delta) {
    int[] left = c.allocateIntLocalArray(2 * TILE * DEPTH / 2);
    int[] right = c.allocateIntLocalArray(2 * TILE * DEPTH / 2);
    float[] nextLeft = new float[TILE * DEPTH / ITEMS];
    float[] nextRight = new float[TILE * DEPTH / ITEMS];
    float[] c00 = c.mmaFragment(0.0f);
    float[] c01 = c.mmaFragment(0.0f);
    float[] c02 = c.mmaFragment(0.0f);
    float[] c03 = c.mmaFragment(0.0f);
    float[] c04 = c.mmaFragment(0.0f);
    float[] c05 = c.mmaFragment(0.0f);
    float[] c06 = c.mmaFragment(0.0f);
    float[] c07 = c.mmaFragment(0.0f);
    float[] c10 = c.mmaFragment(0.0f);
    float[] c11 = c.mmaFragment(0.0f);
    float[] c12 = c.mmaFragment(0.0f);
    float[] c13 = c.mmaFragment(0.0f);
    float[] c14 = c.mmaFragment(0.0f);
    float[] c15 = c.mmaFragment(0.0f);
    float[] c16 = c.mmaFragment(0.0f);
    float[] c17 = c.mmaFragment(0.0f);
    int item = c.localIdx;
    int m = numbers.get(4);
    int k = numbers.get(5);
    int n = numbers.get(6);
    int column = TILE * c.groupIdx;
    int row = TILE * c.groupIdy;
    int member = c.groupIdz;
    int at = numbers.get(0) + member * m * k;
    int bt = numbers.get(1) + member * k * n;
    int et = numbers.get(2) + member * m * n;
    int yt = numbers.get(3) + member * m * n;
    // the pairs that this work-item fetches: of A two terms of one row, of B two columns of a term
    int ta = form & TiledProducts.TRANSPOSE_A;
    int tb = form & TiledProducts.TRANSPOSE_B;
    int ar = ta != 0 ? (item & 7) + 8 * (item / 32) : item / 8;
    int ap = ta != 0 ? (item / 8) & 3 : item & 7;
    int ars = ta != 0 ? 64 : 32;
    int arl = ta != 0 ? 0 : 64;
    int apl = ta != 0 ? 4 : 0;
    int arow = ta != 0 ? 1 : k;
    int aterm = ta != 0 ? m : 1;
    int bq = tb != 0 ? item & 15 : (item & 63) / 4;
    int bc = tb != 0 ? 2 * (item / 16) : 8 * (item / 64) + 2 * (item & 3);
    int bcolumn = tb != 0 ? k : 1;
    int bterm = tb != 0 ? 1 : n;
    int bs = 64 * (bc / 8) + 4 * bq + (bc / 2 & 3);
    int warp = item / 32;
    int top = 32 * (warp / 2);
    int side = 64 * (warp & 1);
    // of a triangle, groups above the diagonal have nothing to do
    int triangle = form & TiledProducts.TRIANGLE;
    int bottom = triangle != 0 && column > row ? 0 : m;
    int rounds = row < bottom ? (k + DEPTH - 1) / DEPTH + 1 : 0;
    // nothing is added in round 0
    for (int i = 0; i < 4; i++) {
      left[TILE * DEPTH / 2 + item + i * ITEMS] = 0;
      right[TILE * DEPTH / 2 + item + i * ITEMS] = 0;
    }
    c.localBarrier();
    // round r fetches the terms from 16r on and multiplies those before
    for (int round = 0; round < rounds; round++) {
      int p = round * DEPTH;
      for (int i = 0; i < 4; i++) {
        int r = row + ar + (i & 1) * ars + (i >> 1) * arl;
        int q = p + 2 * (ap + (i >> 1) * apl);
        float v = 0.0f;
        float w = 0.0f;
        if (r < m && q < k) {
          v = a.get(at + r * arow + q * aterm);
        }
        if (r < m && q + 1 < k) {
          w = a.get(at + r * arow + (q + 1) * aterm);
        }
        nextLeft[2 * i] = v;
        nextLeft[2 * i + 1] = w;
      }
      for (int i = 0; i < 4; i++) {
        int r = column + bc + 32 * i;
        int q = p + bq;
        float v = 0.0f;
        float w = 0.0f;
        if (r < n && q < k) {
          v = b.get(bt + r * bcolumn + q * bterm);
        }
        if (r + 1 < n && q < k) {
          w = b.get(bt + (r + 1) * bcolumn + q * bterm);
        }
        nextRight[2 * i] = v;
        nextRight[2 * i + 1] = w;
      }
      int fetched = (round & 1) * (TILE * DEPTH / 2);
      int added = TILE * DEPTH / 2 - fetched;
      // bytes: 32 a row of A, 256 a block of B
      int l = 4 * added + 32 * top;
      int s = 4 * added + 32 * side;
      HalfFloat[] a0 = c.mmaLoadA(left, DEPTH, l);
      HalfFloat[] a1 = c.mmaLoadA(left, DEPTH, l + 512);
      HalfFloat[] b0 = c.mmaLoadB(right, DEPTH, s);
      HalfFloat[] b1 = c.mmaLoadB(right, DEPTH, s + 256);
      HalfFloat[] b2 = c.mmaLoadB(right, DEPTH, s + 512);
      HalfFloat[] b3 = c.mmaLoadB(right, DEPTH, s + 768);
      HalfFloat[] b4 = c.mmaLoadB(right, DEPTH, s + 1024);
      HalfFloat[] b5 = c.mmaLoadB(right, DEPTH, s + 1280);
      HalfFloat[] b6 = c.mmaLoadB(right, DEPTH, s + 1536);
      HalfFloat[] b7 = c.mmaLoadB(right, DEPTH, s + 1792);
      c00 = c.mmaBF16(a0, b0, c00, MMAShape.M16N8K16);
      c01 = c.mmaBF16(a0, b1, c01, MMAShape.M16N8K16);
      c02 = c.mmaBF16(a0, b2, c02, MMAShape.M16N8K16);
      c03 = c.mmaBF16(a0, b3, c03, MMAShape.M16N8K16);
      c04 = c.mmaBF16(a0, b4, c04, MMAShape.M16N8K16);
      c05 = c.mmaBF16(a0, b5, c05, MMAShape.M16N8K16);
      c06 = c.mmaBF16(a0, b6, c06, MMAShape.M16N8K16);
      c07 = c.mmaBF16(a0, b7, c07, MMAShape.M16N8K16);
      c10 = c.mmaBF16(a1, b0, c10, MMAShape.M16N8K16);
      c11 = c.mmaBF16(a1, b1, c11, MMAShape.M16N8K16);
      c12 = c.mmaBF16(a1, b2, c12, MMAShape.M16N8K16);
      c13 = c.mmaBF16(a1, b3, c13, MMAShape.M16N8K16);
      c14 = c.mmaBF16(a1, b4, c14, MMAShape.M16N8K16);
      c15 = c.mmaBF16(a1, b5, c15, MMAShape.M16N8K16);
      c16 = c.mmaBF16(a1, b6, c16, MMAShape.M16N8K16);
      c17 = c.mmaBF16(a1, b7, c17, MMAShape.M16N8K16);
      // TornadoVM 5.2 computes on with a short as a short, so that only longs keep both
      for (int i = 0; i < 4; i++) {
        long v = BFloat16.bf16FromFloat(nextLeft[2 * i]);
        long w = BFloat16.bf16FromFloat(nextLeft[2 * i + 1]);
        int r = ar + (i & 1) * ars + (i >> 1) * arl;
        left[fetched + 8 * r + ap + (i >> 1) * apl] = (int) ((v & 0xFFFFL) | (w << 16));
      }
      for (int i = 0; i < 4; i++) {
        long v = BFloat16.bf16FromFloat(nextRight[2 * i]);
        long w = BFloat16.bf16FromFloat(nextRight[2 * i + 1]);
        right[fetched + bs + 256 * i] = (int) ((v & 0xFFFFL) | (w << 16));
      }
      c.localBarrier();
    }
    // whole fragments that lie within the result; the place is the column, so that the row is 0
    int r0 = row + top;
    int q0 = column + side;
    int y0 = yt + r0 * n + q0;
    int y1 = y0 + 16 * n;
    if (r0 < bottom) {
      if (q0 < n) {
        c.mmaStore(c00, y, 0, y0, n);
      }
      if (q0 + 8 < n) {
        c.mmaStore(c01, y, 0, y0 + 8, n);
      }
      if (q0 + 16 < n) {
        c.mmaStore(c02, y, 0, y0 + 16, n);
      }
      if (q0 + 24 < n) {
        c.mmaStore(c03, y, 0, y0 + 24, n);
      }
      if (q0 + 32 < n) {
        c.mmaStore(c04, y, 0, y0 + 32, n);
      }
      if (q0 + 40 < n) {
        c.mmaStore(c05, y, 0, y0 + 40, n);
      }
      if (q0 + 48 < n) {
        c.mmaStore(c06, y, 0, y0 + 48, n);
      }
      if (q0 + 56 < n) {
        c.mmaStore(c07, y, 0, y0 + 56, n);
      }
    }
    if (r0 + 16 < bottom) {
      if (q0 < n) {
        c.mmaStore(c10, y, 0, y1, n);
      }
      if (q0 + 8 < n) {
        c.mmaStore(c11, y, 0, y1 + 8, n);
      }
      if (q0 + 16 < n) {
        c.mmaStore(c12, y, 0, y1 + 16, n);
      }
      if (q0 + 24 < n) {
        c.mmaStore(c13, y, 0, y1 + 24, n);
      }
      if (q0 + 32 < n) {
        c.mmaStore(c14, y, 0, y1 + 32, n);
      }
      if (q0 + 40 < n) {
        c.mmaStore(c15, y, 0, y1 + 40, n);
      }
      if (q0 + 48 < n) {
        c.mmaStore(c16, y, 0, y1 + 48, n);
      }
      if (q0 + 56 < n) {
        c.mmaStore(c17, y, 0, y1 + 56, n);
      }
    }
    c.globalBarrier();
    // of a triangle what is below the diagonal is copied to above it, in the tiles on it as well
    int q = column + (item & (TILE - 1));
    for (int i = item / TILE; i < TILE; i += ITEMS / TILE) {
      int r = row + i;
      int stop = triangle != 0 ? Math.min(n, r + 1) : n;
      if (r < bottom && q < stop) {
        float raw = alpha * y.get(yt + r * n + q);
        float sum = raw;
        if (beta != 0.0f) {
          sum += beta * e.get(et + r * n + q);
        }
        y.set(yt + r * n + q, sum + (r == q ? delta : 0.0f));
        if (triangle != 0 && q < r) {
          if (beta != 0.0f) {
            raw += beta * e.get(et + q * n + r);
          }
          y.set(yt + q * n + r, raw);
        }
      }
    }
  }
}
