package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.vectors.Float16;

/**
 * Matrix products for CPU devices, one work-item a group: it makes {@code span} rows of {@value
 * VectorBlocks#COLUMNS} columns of one result, in blocks of {@value VectorBlocks#ROWS} rows whose
 * sums stay in sixteen vector registers.
 *
 * <p>For each term of the sums a block reads two vectors of B and eight numbers of A for sixteen
 * multiply–adds of vectors. B's columns are laid out anew in a panel of {@value VectorBlocks#DEPTH}
 * terms, which stays in the first cache while all rows use it; longer sums go on in the result's
 * own place.
 *
 * <p>The blocks stand in the kernels themselves, which makes them long: TornadoVM does not inline a
 * method of their size.
 */
public final class VectorProducts {
  /** The columns of a work-item. */
  public static final int COLUMNS = VectorBlocks.COLUMNS;

  /** A bit of {@code form}: A is given as [k, m]. */
  public static final int TRANSPOSE_A = 1;

  /** A bit of {@code form}: B is given as [n, k]. */
  public static final int TRANSPOSE_B = 2;

  /** A bit of {@code form}: the result is symmetric, only half of it is computed. */
  public static final int TRIANGLE = 4;

  /** A bit of {@code form}: the rows of an expert are the terms of the sums. */
  public static final int OUTER = 8;

  private VectorProducts() {}

  /**
   * Y = α·op(A)·op(B) + β·E + δ·I of each of a stack; E is not read where β is 0. Group x makes
   * columns, group y rows, group z is the member.
   *
   * @param numbers the first elements of A, B, E and Y; the members, m, k and n; the form of {@link
   *     #TRANSPOSE_A}, {@link #TRANSPOSE_B} and {@link #TRIANGLE}; and the rows of a work-item, a
   *     multiple of {@value VectorBlocks#ROWS}
   */
  public static void productVectorF32(
      KernelContext c,
      IntArray numbers,
      FloatArray a,
      FloatArray b,
      FloatArray e,
      FloatArray y,
      float alpha,
      float beta,
      float delta) {
    int ao = numbers.get(0);
    int bo = numbers.get(1);
    int eo = numbers.get(2);
    int yo = numbers.get(3);
    int count = numbers.get(4);
    int m = numbers.get(5);
    int k = numbers.get(6);
    int n = numbers.get(7);
    int form = numbers.get(8);
    int span = numbers.get(9);
    int triangle = form & TRIANGLE;
    int member = c.groupIdz;
    int column = VectorBlocks.COLUMNS * c.groupIdx;
    int first = span * c.groupIdy;
    int end = Math.min(m, first + span);
    if (triangle != 0) {
      first = Math.max(first, column);
    }
    if (member < count && column < n && first < end) {
      float[] panel = new float[VectorBlocks.PANEL];
      float[] block = new float[VectorBlocks.BLOCK];
      VectorFloat16 vectors = new VectorFloat16(y);
      int width = Math.min(VectorBlocks.COLUMNS, n - column);
      int stepM = (form & TRANSPOSE_A) != 0 ? 1 : k;
      int stepK = (form & TRANSPOSE_A) != 0 ? m : 1;
      int stepBK = (form & TRANSPOSE_B) != 0 ? 1 : n;
      int stepN = (form & TRANSPOSE_B) != 0 ? k : 1;
      int at = ao + member * m * k;
      int bt = bo + member * k * n + column * stepN;
      int et = eo + member * m * n;
      int yt = yo + member * m * n;
      int odd = (yo | n) % VectorBlocks.LANES;
      for (int p = 0; p < k; p += VectorBlocks.DEPTH) {
        int depth = Math.min(VectorBlocks.DEPTH, k - p);
        VectorBlocks.pack(b, bt + p * stepBK, stepBK, stepN, depth, width, panel);
        for (int i = first; i < end; i += VectorBlocks.ROWS) {
          int rows = Math.min(VectorBlocks.ROWS, end - i);
          int a0 = at + i * stepM + p * stepK;
          int last = rows - 1;
          int a1 = a0 + Math.min(1, last) * stepM;
          int a2 = a0 + Math.min(2, last) * stepM;
          int a3 = a0 + Math.min(3, last) * stepM;
          int a4 = a0 + Math.min(4, last) * stepM;
          int a5 = a0 + Math.min(5, last) * stepM;
          int a6 = a0 + Math.min(6, last) * stepM;
          int a7 = a0 + Math.min(7, last) * stepM;
          Float16 c0 = VectorBlocks.repeat(0.0f);
          Float16 c1 = VectorBlocks.repeat(0.0f);
          Float16 c2 = VectorBlocks.repeat(0.0f);
          Float16 c3 = VectorBlocks.repeat(0.0f);
          Float16 c4 = VectorBlocks.repeat(0.0f);
          Float16 c5 = VectorBlocks.repeat(0.0f);
          Float16 c6 = VectorBlocks.repeat(0.0f);
          Float16 c7 = VectorBlocks.repeat(0.0f);
          Float16 d0 = VectorBlocks.repeat(0.0f);
          Float16 d1 = VectorBlocks.repeat(0.0f);
          Float16 d2 = VectorBlocks.repeat(0.0f);
          Float16 d3 = VectorBlocks.repeat(0.0f);
          Float16 d4 = VectorBlocks.repeat(0.0f);
          Float16 d5 = VectorBlocks.repeat(0.0f);
          Float16 d6 = VectorBlocks.repeat(0.0f);
          Float16 d7 = VectorBlocks.repeat(0.0f);
          for (int q = 0; q < depth; q++) {
            int step = q * stepK;
            Float16 u = VectorBlocks.load(panel, q * VectorBlocks.COLUMNS);
            Float16 v = VectorBlocks.load(panel, q * VectorBlocks.COLUMNS + VectorBlocks.LANES);
            Float16 x0 = VectorBlocks.repeat(a.get(a0 + step));
            c0 = VectorBlocks.add(c0, x0, u);
            d0 = VectorBlocks.add(d0, x0, v);
            Float16 x1 = VectorBlocks.repeat(a.get(a1 + step));
            c1 = VectorBlocks.add(c1, x1, u);
            d1 = VectorBlocks.add(d1, x1, v);
            Float16 x2 = VectorBlocks.repeat(a.get(a2 + step));
            c2 = VectorBlocks.add(c2, x2, u);
            d2 = VectorBlocks.add(d2, x2, v);
            Float16 x3 = VectorBlocks.repeat(a.get(a3 + step));
            c3 = VectorBlocks.add(c3, x3, u);
            d3 = VectorBlocks.add(d3, x3, v);
            Float16 x4 = VectorBlocks.repeat(a.get(a4 + step));
            c4 = VectorBlocks.add(c4, x4, u);
            d4 = VectorBlocks.add(d4, x4, v);
            Float16 x5 = VectorBlocks.repeat(a.get(a5 + step));
            c5 = VectorBlocks.add(c5, x5, u);
            d5 = VectorBlocks.add(d5, x5, v);
            Float16 x6 = VectorBlocks.repeat(a.get(a6 + step));
            c6 = VectorBlocks.add(c6, x6, u);
            d6 = VectorBlocks.add(d6, x6, v);
            Float16 x7 = VectorBlocks.repeat(a.get(a7 + step));
            c7 = VectorBlocks.add(c7, x7, u);
            d7 = VectorBlocks.add(d7, x7, v);
          }
          if (odd == 0) {
            int to = (yt + i * n + column) / VectorBlocks.LANES;
            int line = n / VectorBlocks.LANES;
            VectorBlocks.put(c0, d0, vectors, to, width, p, 0, rows);
            VectorBlocks.put(c1, d1, vectors, to + line, width, p, 1, rows);
            VectorBlocks.put(c2, d2, vectors, to + 2 * line, width, p, 2, rows);
            VectorBlocks.put(c3, d3, vectors, to + 3 * line, width, p, 3, rows);
            VectorBlocks.put(c4, d4, vectors, to + 4 * line, width, p, 4, rows);
            VectorBlocks.put(c5, d5, vectors, to + 5 * line, width, p, 5, rows);
            VectorBlocks.put(c6, d6, vectors, to + 6 * line, width, p, 6, rows);
            VectorBlocks.put(c7, d7, vectors, to + 7 * line, width, p, 7, rows);
          } else {
            VectorBlocks.store(c0, block, 0);
            VectorBlocks.store(d0, block, 16);
            VectorBlocks.store(c1, block, 32);
            VectorBlocks.store(d1, block, 48);
            VectorBlocks.store(c2, block, 64);
            VectorBlocks.store(d2, block, 80);
            VectorBlocks.store(c3, block, 96);
            VectorBlocks.store(d3, block, 112);
            VectorBlocks.store(c4, block, 128);
            VectorBlocks.store(d4, block, 144);
            VectorBlocks.store(c5, block, 160);
            VectorBlocks.store(d5, block, 176);
            VectorBlocks.store(c6, block, 192);
            VectorBlocks.store(d6, block, 208);
            VectorBlocks.store(c7, block, 224);
            VectorBlocks.store(d7, block, 240);
            VectorBlocks.put(block, y, yt + i * n + column, n, width, p, rows);
          }
          if (p + depth == k) {
            if (triangle != 0) {
              VectorBlocks.finishTriangle(
                  e, et, y, yt, n, i, rows, column, width, alpha, beta, delta);
            } else if (alpha != 1.0f || beta != 0.0f || delta != 0.0f) {
              VectorBlocks.finish(e, et, y, yt, n, i, rows, column, width, alpha, beta, delta);
            }
          }
        }
      }
    }
  }

  /**
   * Products over the row ranges of experts, which {@code offsets} holds. Row r of Y [·, n] is row
   * r of A [·, k] times B [experts, k, n] or, with {@link #TRANSPOSE_B}, [experts, n, k] of r's
   * expert; group x makes columns, group y up to {@code span} rows of one expert. Or, with {@link
   * #OUTER}, Y [experts, m, n] is AᵀB of each expert's rows of A [·, m] and B [·, n], zero for an
   * expert without rows; group x makes columns, group y rows, group z is the expert.
   *
   * @param numbers the first elements of A, B, the offsets and Y; k, or m with {@link #OUTER}; n,
   *     the experts and the form; and the rows of a work-item, a multiple of {@value
   *     VectorBlocks#ROWS}
   */
  public static void groupedVectorF32(
      KernelContext c,
      IntArray numbers,
      FloatArray a,
      FloatArray b,
      IntArray offsets,
      FloatArray y) {
    int ao = numbers.get(0);
    int bo = numbers.get(1);
    int oo = numbers.get(2);
    int yo = numbers.get(3);
    int inner = numbers.get(4);
    int n = numbers.get(5);
    int experts = numbers.get(6);
    int form = numbers.get(7);
    int span = numbers.get(8);
    int outer = form & OUTER;
    int column = VectorBlocks.COLUMNS * c.groupIdx;
    int expert = 0;
    int start = 0;
    int stop = offsets.get(oo + 1);
    int first = span * c.groupIdy;
    if (outer != 0) {
      expert = Math.min(c.groupIdz, experts - 1);
      start = offsets.get(oo + expert);
      stop = offsets.get(oo + expert + 1);
    } else {
      // the spans of each expert that ends before are passed over
      while (first >= stop && expert < experts - 1) {
        int spans = (stop - start + span - 1) / span;
        first = stop + first - start - spans * span;
        expert++;
        start = stop;
        stop = offsets.get(oo + expert + 1);
      }
    }
    int end = outer != 0 ? Math.min(inner, first + span) : Math.min(stop, first + span);
    if (column < n && first < end) {
      float[] panel = new float[VectorBlocks.PANEL];
      float[] block = new float[VectorBlocks.BLOCK];
      VectorFloat16 vectors = new VectorFloat16(y);
      int width = Math.min(VectorBlocks.COLUMNS, n - column);
      int k = outer != 0 ? stop - start : inner;
      int stepM = outer != 0 ? 1 : inner;
      int stepK = outer != 0 ? inner : 1;
      int stepBK = (form & TRANSPOSE_B) != 0 ? 1 : n;
      int stepN = (form & TRANSPOSE_B) != 0 ? inner : 1;
      int at = outer != 0 ? ao + start * inner : ao;
      int bt = (outer != 0 ? bo + start * n : bo + expert * inner * n) + column * stepN;
      int yt = (outer != 0 ? yo + expert * inner * n : yo) + column;
      int odd = (yo | n) % VectorBlocks.LANES;
      for (int p = 0; p < k; p += VectorBlocks.DEPTH) {
        int depth = Math.min(VectorBlocks.DEPTH, k - p);
        VectorBlocks.pack(b, bt + p * stepBK, stepBK, stepN, depth, width, panel);
        for (int i = first; i < end; i += VectorBlocks.ROWS) {
          int rows = Math.min(VectorBlocks.ROWS, end - i);
          int a0 = at + i * stepM + p * stepK;
          int last = rows - 1;
          int a1 = a0 + Math.min(1, last) * stepM;
          int a2 = a0 + Math.min(2, last) * stepM;
          int a3 = a0 + Math.min(3, last) * stepM;
          int a4 = a0 + Math.min(4, last) * stepM;
          int a5 = a0 + Math.min(5, last) * stepM;
          int a6 = a0 + Math.min(6, last) * stepM;
          int a7 = a0 + Math.min(7, last) * stepM;
          Float16 c0 = VectorBlocks.repeat(0.0f);
          Float16 c1 = VectorBlocks.repeat(0.0f);
          Float16 c2 = VectorBlocks.repeat(0.0f);
          Float16 c3 = VectorBlocks.repeat(0.0f);
          Float16 c4 = VectorBlocks.repeat(0.0f);
          Float16 c5 = VectorBlocks.repeat(0.0f);
          Float16 c6 = VectorBlocks.repeat(0.0f);
          Float16 c7 = VectorBlocks.repeat(0.0f);
          Float16 d0 = VectorBlocks.repeat(0.0f);
          Float16 d1 = VectorBlocks.repeat(0.0f);
          Float16 d2 = VectorBlocks.repeat(0.0f);
          Float16 d3 = VectorBlocks.repeat(0.0f);
          Float16 d4 = VectorBlocks.repeat(0.0f);
          Float16 d5 = VectorBlocks.repeat(0.0f);
          Float16 d6 = VectorBlocks.repeat(0.0f);
          Float16 d7 = VectorBlocks.repeat(0.0f);
          for (int q = 0; q < depth; q++) {
            int step = q * stepK;
            Float16 u = VectorBlocks.load(panel, q * VectorBlocks.COLUMNS);
            Float16 v = VectorBlocks.load(panel, q * VectorBlocks.COLUMNS + VectorBlocks.LANES);
            Float16 x0 = VectorBlocks.repeat(a.get(a0 + step));
            c0 = VectorBlocks.add(c0, x0, u);
            d0 = VectorBlocks.add(d0, x0, v);
            Float16 x1 = VectorBlocks.repeat(a.get(a1 + step));
            c1 = VectorBlocks.add(c1, x1, u);
            d1 = VectorBlocks.add(d1, x1, v);
            Float16 x2 = VectorBlocks.repeat(a.get(a2 + step));
            c2 = VectorBlocks.add(c2, x2, u);
            d2 = VectorBlocks.add(d2, x2, v);
            Float16 x3 = VectorBlocks.repeat(a.get(a3 + step));
            c3 = VectorBlocks.add(c3, x3, u);
            d3 = VectorBlocks.add(d3, x3, v);
            Float16 x4 = VectorBlocks.repeat(a.get(a4 + step));
            c4 = VectorBlocks.add(c4, x4, u);
            d4 = VectorBlocks.add(d4, x4, v);
            Float16 x5 = VectorBlocks.repeat(a.get(a5 + step));
            c5 = VectorBlocks.add(c5, x5, u);
            d5 = VectorBlocks.add(d5, x5, v);
            Float16 x6 = VectorBlocks.repeat(a.get(a6 + step));
            c6 = VectorBlocks.add(c6, x6, u);
            d6 = VectorBlocks.add(d6, x6, v);
            Float16 x7 = VectorBlocks.repeat(a.get(a7 + step));
            c7 = VectorBlocks.add(c7, x7, u);
            d7 = VectorBlocks.add(d7, x7, v);
          }
          if (odd == 0) {
            int to = (yt + i * n) / VectorBlocks.LANES;
            int line = n / VectorBlocks.LANES;
            VectorBlocks.put(c0, d0, vectors, to, width, p, 0, rows);
            VectorBlocks.put(c1, d1, vectors, to + line, width, p, 1, rows);
            VectorBlocks.put(c2, d2, vectors, to + 2 * line, width, p, 2, rows);
            VectorBlocks.put(c3, d3, vectors, to + 3 * line, width, p, 3, rows);
            VectorBlocks.put(c4, d4, vectors, to + 4 * line, width, p, 4, rows);
            VectorBlocks.put(c5, d5, vectors, to + 5 * line, width, p, 5, rows);
            VectorBlocks.put(c6, d6, vectors, to + 6 * line, width, p, 6, rows);
            VectorBlocks.put(c7, d7, vectors, to + 7 * line, width, p, 7, rows);
          } else {
            VectorBlocks.store(c0, block, 0);
            VectorBlocks.store(d0, block, 16);
            VectorBlocks.store(c1, block, 32);
            VectorBlocks.store(d1, block, 48);
            VectorBlocks.store(c2, block, 64);
            VectorBlocks.store(d2, block, 80);
            VectorBlocks.store(c3, block, 96);
            VectorBlocks.store(d3, block, 112);
            VectorBlocks.store(c4, block, 128);
            VectorBlocks.store(d4, block, 144);
            VectorBlocks.store(c5, block, 160);
            VectorBlocks.store(d5, block, 176);
            VectorBlocks.store(c6, block, 192);
            VectorBlocks.store(d6, block, 208);
            VectorBlocks.store(c7, block, 224);
            VectorBlocks.store(d7, block, 240);
            VectorBlocks.put(block, y, yt + i * n, n, width, p, rows);
          }
        }
      }
      if (k == 0) {
        for (int i = first; i < end; i++) {
          for (int j = 0; j < width; j++) {
            y.set(yt + i * n + j, 0.0f);
          }
        }
      }
    }
  }
}
