package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.vectors.Float16;

/**
 * Products within a member's share of the memory, as steps of {@link MatrixSteps} and {@link
 * RowSteps}: blocks of {@link VectorBlocks}, and what is done to a product when it is whole.
 * Matrices begin at multiples of {@value VectorBlocks#LANES} elements.
 *
 * <p>Vectors are read and written in straight lines only: where a method reads one and goes on with
 * single numbers of the same array in a loop, TornadoVM 5.2 cannot compile what it is inlined to.
 */
final class StepProducts {
  private static final int LANES = VectorBlocks.LANES;
  private static final int COLUMNS = VectorBlocks.COLUMNS;

  /** The rows that are made at a time: half of a block. */
  private static final int HALF = VectorBlocks.ROWS / 2;

  private StepProducts() {}

  /**
   * y[r, j] = Σₚ x[r, p]·panel[p, j] of up to {@value #HALF} rows and {@value VectorBlocks#COLUMNS}
   * columns, where rows of y start at multiples of {@value VectorBlocks#LANES} elements. Not of
   * {@value VectorBlocks#ROWS} rows, which TornadoVM would find too long to inline.
   *
   * <p>Of fewer rows the last is made as often as there are too few, and written where it belongs.
   *
   * @param rows how many rows there are
   * @param to the vector of y that the first row begins with
   * @param line the vectors from one row of y to the next
   * @param width how many of the columns there are, a multiple of {@value VectorBlocks#LANES}
   */
  private static void multiplyRows(
      FloatArray x,
      int at,
      int stepM,
      int stepK,
      int rows,
      int depth,
      float[] panel,
      VectorFloat16 y,
      int to,
      int line,
      int width) {
    int row1 = Math.min(1, rows - 1);
    int row2 = Math.min(2, rows - 1);
    int row3 = Math.min(3, rows - 1);
    int x1 = at + row1 * stepM;
    int x2 = at + row2 * stepM;
    int x3 = at + row3 * stepM;
    Float16 c0 = VectorBlocks.repeat(0.0f);
    Float16 c1 = VectorBlocks.repeat(0.0f);
    Float16 c2 = VectorBlocks.repeat(0.0f);
    Float16 c3 = VectorBlocks.repeat(0.0f);
    Float16 d0 = VectorBlocks.repeat(0.0f);
    Float16 d1 = VectorBlocks.repeat(0.0f);
    Float16 d2 = VectorBlocks.repeat(0.0f);
    Float16 d3 = VectorBlocks.repeat(0.0f);
    for (int p = 0; p < depth; p++) {
      int step = p * stepK;
      Float16 u = VectorBlocks.load(panel, p * COLUMNS);
      Float16 v = VectorBlocks.load(panel, p * COLUMNS + LANES);
      Float16 b0 = VectorBlocks.repeat(x.get(at + step));
      c0 = VectorBlocks.add(c0, b0, u);
      d0 = VectorBlocks.add(d0, b0, v);
      Float16 b1 = VectorBlocks.repeat(x.get(x1 + step));
      c1 = VectorBlocks.add(c1, b1, u);
      d1 = VectorBlocks.add(d1, b1, v);
      Float16 b2 = VectorBlocks.repeat(x.get(x2 + step));
      c2 = VectorBlocks.add(c2, b2, u);
      d2 = VectorBlocks.add(d2, b2, v);
      Float16 b3 = VectorBlocks.repeat(x.get(x3 + step));
      c3 = VectorBlocks.add(c3, b3, u);
      d3 = VectorBlocks.add(d3, b3, v);
    }
    int y1 = to + row1 * line;
    int y2 = to + row2 * line;
    int y3 = to + row3 * line;
    // where there is no second vector, the first is written over it
    int next = width > LANES ? 1 : 0;
    y.set(to + next, d0);
    y.set(y1 + next, d1);
    y.set(y2 + next, d2);
    y.set(y3 + next, d3);
    y.set(to, c0);
    y.set(y1, c1);
    y.set(y2, c2);
    y.set(y3, c3);
  }

  /**
   * Y[r, j] = Σₚ X[r, p]·panel[p, j] of a block in one memory; added to what is there if {@code
   * done} terms have been added before.
   *
   * @param work the memory
   * @param vectors the same
   * @param from where X[0, 0] is
   * @param to where Y[0, 0] is
   * @param n from one row of Y to the next
   * @param scratch where a block fits that begins a vector: Y is made there unless its rows begin
   *     vectors and nothing is in them
   */
  static void multiply(
      FloatArray work,
      VectorFloat16 vectors,
      int from,
      int stepM,
      int stepK,
      int rows,
      int depth,
      float[] panel,
      int to,
      int n,
      int width,
      int done,
      int scratch) {
    boolean direct = done == 0 && (to | n) % LANES == 0;
    int line = (direct ? n : COLUMNS) / LANES;
    int into = direct ? to : scratch;
    for (int row = 0; row < rows; row += HALF) {
      multiplyRows(
          work,
          from + row * stepM,
          stepM,
          stepK,
          rows - row,
          depth,
          panel,
          vectors,
          into / LANES + row * line,
          line,
          direct ? width : COLUMNS);
    }
    if (!direct) {
      put(work, scratch, to, n, width, done, rows);
    }
  }

  /** Brings a block from where it was made to where it belongs, or adds it there. */
  private static void put(FloatArray work, int from, int to, int n, int width, int done, int rows) {
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < width; j++) {
        float sum = work.get(from + r * COLUMNS + j);
        if (done > 0) {
          sum += work.get(to + r * n + j);
        }
        work.set(to + r * n + j, sum);
      }
    }
  }

  /** Y becomes α·Y + β·E + δ·I. */
  static void finish(
      FloatArray work, int e, int y, int m, int n, float alpha, float beta, float delta) {
    VectorFloat16 vectors = new VectorFloat16(work);
    int whole = m * n / LANES;
    for (int i = 0; i < whole; i++) {
      Float16 sum = Float16.mult(VectorBlocks.repeat(alpha), vectors.get(y / LANES + i));
      if (beta != 0.0f) {
        Float16 addend = vectors.get(e / LANES + i);
        sum = VectorBlocks.add(sum, VectorBlocks.repeat(beta), addend);
      }
      vectors.set(y / LANES + i, sum);
    }
    for (int i = whole * LANES; i < m * n; i++) {
      float sum = alpha * work.get(y + i);
      if (beta != 0.0f) {
        sum += beta * work.get(e + i);
      }
      work.set(y + i, sum);
    }
    if (delta != 0.0f) {
      for (int i = 0; i < Math.min(m, n); i++) {
        work.set(y + i * n + i, work.get(y + i * n + i) + delta);
      }
    }
  }

  /** Copies what a block has below the diagonal of y to above it. */
  static void mirror(FloatArray y, int yt, int n, int row, int rows, int column, int width) {
    for (int q = column; q < column + width; q++) {
      for (int r = Math.max(row, q + 1); r < row + rows; r++) {
        y.set(yt + q * n + r, y.get(yt + r * n + q));
      }
    }
  }
}
