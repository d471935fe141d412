package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Matrix products on the tensor cores of CUDA devices: operands rounded to bfloat16, float32 sums.
 *
 * <p>The operands are rounded and packed first: {@link #packBF16} makes, of eight columns after
 * another, all rows of eight numbers, two in one int. That is as the tensor cores load them, of a
 * left operand and of a right one, and half of the bytes: each tile of the product reads its rows
 * and its columns anew, and at that the kernel waits for the second cache.
 *
 * <p>A group of {@value #ITEMS} work-items makes {@value #TILE} rows and columns of one result,
 * each of its eight warps 32 × 64 of them as sixteen fragments of 16 × 8. The next {@value #DEPTH}
 * terms are on their way from global memory while those before are multiplied: local memory holds
 * two of them in turn. Of A that is {@value #TILE} rows of 16 numbers; of B sixteen blocks of 16
 * rows of 8.
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

  /** The terms of a sum that are added between two barriers; packed operands have a multiple. */
  public static final int DEPTH = 16;

  /** Results have a multiple of as many rows. */
  public static final int ROWS = 16;

  /** Results have a multiple of as many columns; a work-item packs as many numbers of one row. */
  public static final int COLUMNS = 8;

  /** The results that a work-item finishes at a time. */
  private static final int BATCH = 8;

  private TensorProducts() {}

  /**
   * Rounds each matrix of a stack, or its transpose, to bfloat16 and packs it: of columns 0 to 7
   * all rows, eight numbers each, then of columns 8 to 15, and so on. Rows and columns that are
   * missing are zeros. Dimension y is the member of the stack; in x, work-items make eight numbers
   * each.
   *
   * @param numbers where X and P begin; then the rows and columns of what is packed, and how many P
   *     has of each, both multiples of eight
   * @param transpose 1 to pack the transposes
   */
  public static void packBF16(
      KernelContext c, IntArray numbers, FloatArray x, IntArray p, int transpose) {
    int rows = numbers.get(2);
    int columns = numbers.get(3);
    int height = numbers.get(4);
    int width = numbers.get(5);
    int blocks = width / COLUMNS;
    int item = c.globalIdx;
    // neighbours read what lies side by side: of the transpose rows, else eight rows of four blocks
    int r = transpose != 0 ? item % height : (item & 7) + 8 * (item / 8 / blocks);
    int block = transpose != 0 ? item / height : item / 8 % blocks;
    int member = c.globalIdy;
    if (r < height && block < blocks) {
      int step = transpose != 0 ? rows : 1;
      int q = COLUMNS * block;
      int row = transpose != 0 ? r : r * columns;
      int from = numbers.get(0) + member * rows * columns + row + q * step;
      float[] v = new float[COLUMNS];
      for (int i = 0; i < COLUMNS; i++) {
        v[i] = 0.0f;
        if (r < rows && q + i < columns) {
          v[i] = x.get(from + i * step);
        }
      }
      int to = numbers.get(1) + (member * width / 2 + 4 * block) * height + 4 * r;
      // TornadoVM 5.2 computes on with a short as a short, so that only longs keep both
      for (int i = 0; i < COLUMNS / 2; i++) {
        long low = BFloat16.bf16FromFloat(v[2 * i]);
        long high = BFloat16.bf16FromFloat(v[2 * i + 1]);
        p.set(to + i, (int) ((low & 0xFFFFL) | (high << 16)));
      }
    }
  }

  /**
   * Y = α·AB + β·E + δ·I of each of a stack, A and B packed; E is not read where β is 0. Group x
   * makes columns, group y rows, group z is the member of the stack.
   *
   * @param numbers where A, B, E and Y begin, then m, k and n; k is a multiple of {@value #DEPTH}
   * @param form 0 or {@link TiledProducts#TRIANGLE}
   */
  public static void productTensorBF16(
      KernelContext c,
      IntArray numbers,
      IntArray a,
      IntArray b,
      FloatArray e,
      FloatArray y,
      int form,
      float alpha,
      float beta,
      float delta) {
    int[] left = c.allocateIntLocalArray(2 * TILE * DEPTH / 2);
    int[] right = c.allocateIntLocalArray(2 * TILE * DEPTH / 2);
    int[] nextLeft = new int[4];
    int[] nextRight = new int[4];
    int[] leftFrom = new int[4];
    int[] rightFrom = new int[4];
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
    int at = numbers.get(0) + member * (m * k / 2);
    int bt = numbers.get(1) + member * (k * n / 2);
    int et = numbers.get(2) + member * m * n;
    int yt = numbers.get(3) + member * m * n;
    // what this work-item fetches: of A two rows, 64 apart, of the first and of the second eight
    // terms; of B four blocks of columns; beyond the edges anything, as it is not stored
    for (int i = 0; i < 4; i++) {
      int r = row + item / 4 + (i & 1) * 64;
      int q = column / 8 + item / 64 + 4 * i;
      leftFrom[i] = at;
      if (r < m) {
        leftFrom[i] = at + ((i >> 1) * m + r) * 4 + (item & 3);
      }
      rightFrom[i] = bt;
      if (q < n / 8) {
        rightFrom[i] = bt + q * k * 4 + (item & 63);
      }
    }
    int ls = 8 * (item / 4) + (item & 3);
    int warp = item / 32;
    int top = 32 * (warp / 2);
    int side = 64 * (warp & 1);
    // of a triangle, groups above the diagonal have nothing to do
    int triangle = form & TiledProducts.TRIANGLE;
    int bottom = triangle != 0 && column > row ? 0 : m;
    int rounds = row < bottom ? k / DEPTH + 1 : 0;
    // nothing is added in round 0
    for (int i = 0; i < 4; i++) {
      left[TILE * DEPTH / 2 + item + i * ITEMS] = 0;
      right[TILE * DEPTH / 2 + item + i * ITEMS] = 0;
    }
    c.localBarrier();
    // round r fetches the terms from 16r on and multiplies those before; the last fetches in vain
    for (int round = 0; round < rounds; round++) {
      int p = Math.min(round, k / DEPTH - 1);
      for (int i = 0; i < 4; i++) {
        nextLeft[i] = a.get(leftFrom[i] + p * 8 * m);
        nextRight[i] = b.get(rightFrom[i] + p * 64);
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
      for (int i = 0; i < 4; i++) {
        left[fetched + ls + (i & 1) * 512 + (i >> 1) * 4] = nextLeft[i];
        right[fetched + item + i * ITEMS] = nextRight[i];
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
    // of a triangle what is below the diagonal is copied to above it, in the tiles on it as well
    boolean plain = alpha == 1.0f && beta == 0.0f && delta == 0.0f;
    int rest = plain && triangle == 0 ? 0 : TILE / 2;
    c.globalBarrier();
    int q = column + (item & (TILE - 1));
    float[] sum = new float[BATCH];
    float[] twin = new float[BATCH];
    for (int from = 0; from < rest; from += BATCH) {
      for (int i = 0; i < BATCH; i++) {
        int r = row + item / TILE + 2 * (from + i);
        int stop = triangle != 0 ? Math.min(n, r + 1) : n;
        sum[i] = 0.0f;
        twin[i] = 0.0f;
        if (r < bottom && q < stop) {
          sum[i] = alpha * y.get(yt + r * n + q);
          twin[i] = sum[i];
          if (beta != 0.0f) {
            sum[i] += beta * e.get(et + r * n + q);
            if (triangle != 0) {
              twin[i] += beta * e.get(et + q * n + r);
            }
          }
        }
      }
      for (int i = 0; i < BATCH; i++) {
        int r = row + item / TILE + 2 * (from + i);
        int stop = triangle != 0 ? Math.min(n, r + 1) : n;
        if (r < bottom && q < stop) {
          y.set(yt + r * n + q, sum[i] + (r == q ? delta : 0.0f));
          if (triangle != 0 && q < r) {
            y.set(yt + q * n + r, twin[i]);
          }
        }
      }
    }
  }
}
