package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.vectors.Float16;

/**
 * What the {@link VectorProducts} lay out and store.
 *
 * <p>Private memory is a float[]: TornadoVM 5.2 drops the variable part of an index into private
 * vectors, and unrolls loops of a constant number of rounds, which this avoids.
 */
final class VectorBlocks {
  /** The rows of a block. */
  static final int ROWS = 8;

  /** The lanes of a vector. */
  static final int LANES = 16;

  /** The columns of a block: two vectors. */
  static final int COLUMNS = 2 * LANES;

  /** The terms of a sum that are added before the next panel is laid out. */
  static final int DEPTH = 256;

  /** The elements of a panel. */
  static final int PANEL = DEPTH * COLUMNS;

  /** The elements of a block. */
  static final int BLOCK = ROWS * COLUMNS;

  private VectorBlocks() {}

  /**
   * Lays out B[p, j] as panel[32p + j], for p below {@code depth} and j below {@code width}; the
   * columns from {@code width} on are zero.
   *
   * @param at where B[0, 0] is
   * @param stepK from B[p, j] to B[p + 1, j]
   * @param stepN from B[p, j] to B[p, j + 1]
   */
  static void pack(
      FloatArray b, int at, int stepK, int stepN, int depth, int width, float[] panel) {
    int eights = width / 8 * 8;
    if (stepN == 1) {
      // eight columns at once, which compilers join to one vector
      int to = 0;
      for (int p = 0; p < depth; p++) {
        for (int j = 0; j < eights; j += 8) {
          int from = at + p * stepK + j;
          float b0 = b.get(from);
          float b1 = b.get(from + 1);
          float b2 = b.get(from + 2);
          float b3 = b.get(from + 3);
          float b4 = b.get(from + 4);
          float b5 = b.get(from + 5);
          float b6 = b.get(from + 6);
          float b7 = b.get(from + 7);
          panel[to] = b0;
          panel[to + 1] = b1;
          panel[to + 2] = b2;
          panel[to + 3] = b3;
          panel[to + 4] = b4;
          panel[to + 5] = b5;
          panel[to + 6] = b6;
          panel[to + 7] = b7;
          to += 8;
        }
        to += COLUMNS - eights;
      }
    } else {
      // eight rows of Bᵀ at once: as many cache lines as one set of a cache holds
      for (int j = 0; j < eights; j += 8) {
        for (int p = 0; p < depth; p++) {
          int from = at + p * stepK + j * stepN;
          int to = p * COLUMNS + j;
          panel[to] = b.get(from);
          panel[to + 1] = b.get(from + stepN);
          panel[to + 2] = b.get(from + 2 * stepN);
          panel[to + 3] = b.get(from + 3 * stepN);
          panel[to + 4] = b.get(from + 4 * stepN);
          panel[to + 5] = b.get(from + 5 * stepN);
          panel[to + 6] = b.get(from + 6 * stepN);
          panel[to + 7] = b.get(from + 7 * stepN);
        }
      }
    }
    for (int j = eights; j < width; j++) {
      for (int p = 0; p < depth; p++) {
        panel[p * COLUMNS + j] = b.get(at + p * stepK + j * stepN);
      }
    }
    for (int j = width; j < COLUMNS; j++) {
      for (int p = 0; p < depth; p++) {
        panel[p * COLUMNS + j] = 0.0f;
      }
    }
  }

  /** x in all lanes. */
  static Float16 repeat(float x) {
    return new Float16(x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x);
  }

  /** c + x·b. */
  static Float16 add(Float16 c, Float16 x, Float16 b) {
    return Float16.add(c, Float16.mult(x, b));
  }

  /** Elements i … i + 15. */
  static Float16 load(float[] x, int i) {
    return new Float16(
        x[i], x[i + 1], x[i + 2], x[i + 3], x[i + 4], x[i + 5], x[i + 6], x[i + 7], x[i + 8],
        x[i + 9], x[i + 10], x[i + 11], x[i + 12], x[i + 13], x[i + 14], x[i + 15]);
  }

  /** Writes elements i … i + 15. */
  static void store(Float16 v, float[] y, int i) {
    y[i] = v.getS0();
    y[i + 1] = v.getS1();
    y[i + 2] = v.getS2();
    y[i + 3] = v.getS3();
    y[i + 4] = v.getS4();
    y[i + 5] = v.getS5();
    y[i + 6] = v.getS6();
    y[i + 7] = v.getS7();
    y[i + 8] = v.getS8();
    y[i + 9] = v.getS9();
    y[i + 10] = v.getS10();
    y[i + 11] = v.getS11();
    y[i + 12] = v.getS12();
    y[i + 13] = v.getS13();
    y[i + 14] = v.getS14();
    y[i + 15] = v.getS15();
  }

  /**
   * Writes a row of a block to y, where rows start at multiples of 16 elements; adds it to what is
   * there if {@code done} terms of each sum have been added before.
   *
   * @param y the result in vectors
   * @param to the vector that c goes to; d goes to the next if {@code width} is above 16
   * @param place which row of the block it is; nothing is written from {@code rows} on
   */
  static void put(
      Float16 c, Float16 d, VectorFloat16 y, int to, int width, int done, int place, int rows) {
    if (place < rows) {
      Float16 left = c;
      if (done > 0) {
        left = Float16.add(c, y.get(to));
      }
      y.set(to, left);
      if (width > LANES) {
        Float16 right = d;
        if (done > 0) {
          right = Float16.add(d, y.get(to + 1));
        }
        y.set(to + 1, right);
      }
    }
  }

  /** The same of a whole block where rows start anywhere. */
  static void put(float[] block, FloatArray y, int at, int n, int width, int done, int rows) {
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < width; j++) {
        float sum = block[r * COLUMNS + j];
        if (done > 0) {
          sum += y.get(at + r * n + j);
        }
        y.set(at + r * n + j, sum);
      }
    }
  }

  /**
   * Completes {@code rows} rows and {@code width} columns of y: α·y + β·e + δ·I.
   *
   * @param yt where the matrix Y starts
   * @param et where E starts
   */
  static void finish(
      FloatArray e,
      int et,
      FloatArray y,
      int yt,
      int n,
      int row,
      int rows,
      int column,
      int width,
      float alpha,
      float beta,
      float delta) {
    for (int r = row; r < row + rows; r++) {
      for (int q = column; q < column + width; q++) {
        float sum = alpha * y.get(yt + r * n + q);
        if (beta != 0.0f) {
          sum += beta * e.get(et + r * n + q);
        }
        if (r == q) {
          sum += delta;
        }
        y.set(yt + r * n + q, sum);
      }
    }
  }

  /** The same of a triangle's rows, whose sums below the diagonal are copied to above it. */
  static void finishTriangle(
      FloatArray e,
      int et,
      FloatArray y,
      int yt,
      int n,
      int row,
      int rows,
      int column,
      int width,
      float alpha,
      float beta,
      float delta) {
    for (int q = column; q < column + width; q++) {
      for (int r = Math.max(row, q); r < row + rows; r++) {
        float half = alpha * y.get(yt + r * n + q);
        float below = half;
        float above = half;
        if (beta != 0.0f) {
          below += beta * e.get(et + r * n + q);
          above += beta * e.get(et + q * n + r);
        }
        if (r == q) {
          below += delta;
        }
        y.set(yt + r * n + q, below);
        if (r > q) {
          y.set(yt + q * n + r, above);
        }
      }
    }
  }

  // ---- positions in lanes ---------------------------------------------------------------------

  /** panel[j, lane] = factor·x[lane, j] for the first lanes, zero for the others. */
  static void layOut(
      FloatArray x, int at, int stride, int lanes, int size, float factor, float[] panel) {
    for (int lane = 0; lane < lanes; lane++) {
      for (int j = 0; j < size; j++) {
        panel[j * LANES + lane] = factor * x.get(at + lane * stride + j);
      }
    }
    for (int lane = lanes; lane < LANES; lane++) {
      for (int j = 0; j < size; j++) {
        panel[j * LANES + lane] = 0.0f;
      }
    }
  }

  /** y[lane, j] = panel[j, lane] for the first lanes. */
  static void write(float[] panel, int lanes, int size, FloatArray y, int at, int stride) {
    for (int lane = 0; lane < lanes; lane++) {
      for (int j = 0; j < size; j++) {
        y.set(at + lane * stride + j, panel[j * LANES + lane]);
      }
    }
  }

  /** The first n elements become v. */
  static void fill(float[] x, int n, float v) {
    for (int i = 0; i < n; i++) {
      x[i] = v;
    }
  }

  /** block[r, lane] = 0 for from ≤ r &lt; to. */
  static void clear(float[] block, int from, int to, int lane) {
    for (int r = from; r < to; r++) {
      block[r * LANES + lane] = 0.0f;
    }
  }

  /**
   * block[r, lane] = Σⱼ x[r, j]·panel[j, lane] of the four rows from {@code row} on; row r is at
   * most last. Not of all {@value ROWS}, which TornadoVM would find too long to inline.
   */
  static void multiply(
      FloatArray x, int at, int stride, int row, int last, int size, float[] panel, float[] block) {
    int x0 = at + Math.min(row, last) * stride;
    int x1 = at + Math.min(row + 1, last) * stride;
    int x2 = at + Math.min(row + 2, last) * stride;
    int x3 = at + Math.min(row + 3, last) * stride;
    Float16 c0 = repeat(0.0f);
    Float16 c1 = repeat(0.0f);
    Float16 c2 = repeat(0.0f);
    Float16 c3 = repeat(0.0f);
    for (int j = 0; j < size; j++) {
      Float16 v = load(panel, j * LANES);
      c0 = add(c0, repeat(x.get(x0 + j)), v);
      c1 = add(c1, repeat(x.get(x1 + j)), v);
      c2 = add(c2, repeat(x.get(x2 + j)), v);
      c3 = add(c3, repeat(x.get(x3 + j)), v);
    }
    store(c0, block, row * LANES);
    store(c1, block, (row + 1) * LANES);
    store(c2, block, (row + 2) * LANES);
    store(c3, block, (row + 3) * LANES);
  }

  /**
   * acc[j, lane] = shrink[lane]·acc[j, lane] + Σᵣ block[r, lane]·x[r, j] over {@value ROWS} rows;
   * row r is at most last, and the block is zero behind it.
   */
  static void accumulate(
      FloatArray x,
      int at,
      int stride,
      int last,
      int size,
      float[] block,
      float[] shrink,
      float[] acc) {
    int x1 = at + Math.min(1, last) * stride;
    int x2 = at + Math.min(2, last) * stride;
    int x3 = at + Math.min(3, last) * stride;
    int x4 = at + Math.min(4, last) * stride;
    int x5 = at + Math.min(5, last) * stride;
    int x6 = at + Math.min(6, last) * stride;
    int x7 = at + Math.min(7, last) * stride;
    Float16 factor = load(shrink, 0);
    Float16 b0 = load(block, 0);
    Float16 b1 = load(block, LANES);
    Float16 b2 = load(block, 2 * LANES);
    Float16 b3 = load(block, 3 * LANES);
    Float16 b4 = load(block, 4 * LANES);
    Float16 b5 = load(block, 5 * LANES);
    Float16 b6 = load(block, 6 * LANES);
    Float16 b7 = load(block, 7 * LANES);
    for (int j = 0; j < size; j++) {
      Float16 sum = Float16.mult(factor, load(acc, j * LANES));
      sum = add(sum, repeat(x.get(at + j)), b0);
      sum = add(sum, repeat(x.get(x1 + j)), b1);
      sum = add(sum, repeat(x.get(x2 + j)), b2);
      sum = add(sum, repeat(x.get(x3 + j)), b3);
      sum = add(sum, repeat(x.get(x4 + j)), b4);
      sum = add(sum, repeat(x.get(x5 + j)), b5);
      sum = add(sum, repeat(x.get(x6 + j)), b6);
      sum = add(sum, repeat(x.get(x7 + j)), b7);
      store(sum, acc, j * LANES);
    }
  }
}
