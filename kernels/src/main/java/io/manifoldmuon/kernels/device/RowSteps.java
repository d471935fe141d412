package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;

/**
 * Many steps on the rows of all tokens in one task, for CPU devices: each work-item, a group of its
 * own, takes a block of rows through all steps, as {@link MatrixSteps} does with matrices. What the
 * kernels of {@link Norms}, {@link Rows}, {@link Routing}, {@link Tokens} and {@link Attention} do
 * to all rows is done here to those of one member.
 *
 * <p>The code is laid out as for {@link MatrixSteps}, with the rows of a member last in each step.
 * The first {@value #IN_PLACE} arrays can be read and written in place: the second factor of a
 * product, which all members share, and rows by their index. {@value #INTEGERS} arrays of integers
 * have the numbers behind those of reals. A member keeps integers as floats, which hold them
 * exactly below {@value #MOST_INDEX}.
 */
public final class RowSteps {
  /** The arrays of integers. */
  public static final int INTEGERS = 2;

  /** How many of the arrays of reals can be read and written in place. */
  public static final int IN_PLACE = 4;

  /** Indices from here on cannot be kept. */
  public static final int MOST_INDEX = 1 << 24;

  /** Where a step has the rows of a member. */
  public static final int ROWS = MatrixSteps.LENGTH - 1;

  // the first kinds are those of MatrixSteps, where a product's B begins at b of the array whose
  // number follows the form; the factor of the others is ε, or the sign of an angle

  /** Root-mean-square norm: x, gain, width. */
  public static final int RMS_NORM = 14;

  /** Its gradient: dy, x, gain, where the inverse norms go, width. */
  public static final int RMS_NORM_BACKWARD = 15;

  /** The gradient of the gain, of the member's rows: dy, x, inverse norms, width. */
  public static final int GAIN_GRADIENT = 16;

  /** Softmax: x, width. */
  public static final int SOFTMAX = 17;

  /** Its gradient: dy, p, width. */
  public static final int SOFTMAX_BACKWARD = 18;

  /** ln Σ e^x: x, width. */
  public static final int LOG_SUM_EXP = 19;

  /** The columns of the largest: x, columns, k. */
  public static final int TOP_K = 20;

  /** Elements of chosen columns: x, index, columns, k. */
  public static final int TAKE_COLUMNS = 21;

  /** Their gradient: dy, index, columns, k. */
  public static final int TAKE_COLUMNS_BACKWARD = 22;

  /** Rotary positions: x, table, width, size of a head, positions. */
  public static final int ROPE = 23;

  /** Weighted sums of a token's slots: w, rows of the slots, k, width. */
  public static final int COMBINE = 24;

  /** The gradients of w and of these rows: dy, w, rows, where theirs go, k, width. */
  public static final int COMBINE_BACKWARD = 25;

  /** Sums of a token's slots: rows of the slots, k, width. */
  public static final int SUM_TOKENS = 26;

  /** Brings rows here by their index: index, array, first element, width. */
  public static final int GATHER = 27;

  /** Brings rows back: the same, from the place of the result. */
  public static final int SCATTER = 28;

  /** One number for each in turn: a, their number. */
  public static final int REPEAT = 29;

  private RowSteps() {}

  /** Runs the code[0] steps for member {@code groupIdx}; groups of one work-item. */
  public static void rowStepsVectorF32(
      KernelContext c,
      IntArray code,
      FloatArray factors,
      FloatArray work,
      FloatArray x0,
      FloatArray x1,
      FloatArray x2,
      FloatArray x3,
      FloatArray x4,
      FloatArray x5,
      FloatArray x6,
      FloatArray x7,
      FloatArray x8,
      FloatArray x9,
      FloatArray x10,
      FloatArray x11,
      IntArray i0,
      IntArray i1) {
    int member = c.groupIdx;
    if (member < code.get(2)) {
      float[] panel = new float[VectorBlocks.PANEL];
      VectorFloat16 vectors = new VectorFloat16(work);
      int base = member * code.get(1);
      int scratch = base + code.get(3);
      int steps = code.get(0);
      for (int s = 0; s < steps; s++) {
        int at = MatrixSteps.HEADER + MatrixSteps.LENGTH * s;
        int kind = code.get(at);
        int y = base + code.get(at + 2);
        int elements = code.get(at + 3);
        int a = base + code.get(at + 4);
        int b = base + code.get(at + 5);
        int e = base + code.get(at + 6);
        int rows = code.get(at + ROWS);
        float alpha = factors.get(MatrixSteps.FACTORS * s);
        float beta = factors.get(MatrixSteps.FACTORS * s + 1);
        if (kind == MatrixSteps.PRODUCT) {
          int k = code.get(at + 8);
          int n = code.get(at + 9);
          int form = code.get(at + 10);
          int array = code.get(at + 11);
          int stepBK = (form & VectorProducts.TRANSPOSE_B) != 0 ? 1 : n;
          int stepN = (form & VectorProducts.TRANSPOSE_B) != 0 ? k : 1;
          for (int column = 0; column < n; column += VectorBlocks.COLUMNS) {
            int width = Math.min(VectorBlocks.COLUMNS, n - column);
            for (int p = 0; p < k; p += VectorBlocks.DEPTH) {
              int depth = Math.min(VectorBlocks.DEPTH, k - p);
              int corner = b - base + p * stepBK + column * stepN;
              if (array == 0) {
                VectorBlocks.pack(x0, corner, stepBK, stepN, depth, width, panel);
              }
              if (array == 1) {
                VectorBlocks.pack(x1, corner, stepBK, stepN, depth, width, panel);
              }
              if (array == 2) {
                VectorBlocks.pack(x2, corner, stepBK, stepN, depth, width, panel);
              }
              if (array == 3) {
                VectorBlocks.pack(x3, corner, stepBK, stepN, depth, width, panel);
              }
              for (int i = 0; i < rows; i += VectorBlocks.ROWS) {
                int high = Math.min(VectorBlocks.ROWS, rows - i);
                int from = a + i * k + p;
                int to = y + i * n + column;
                StepProducts.multiply(
                    work, vectors, from, k, 1, high, depth, panel, to, n, width, p, scratch);
              }
            }
          }
          if (alpha != 1.0f || beta != 0.0f) {
            StepProducts.finish(work, e, y, rows, n, alpha, beta, 0.0f);
          }
        } else if (kind == MatrixSteps.LOAD) {
          int array = code.get(at + 4);
          int from = code.get(at + 5) + member * code.get(at + 6);
          StepElements.load(array, from, work, y, elements, x0, x1, x2, x3);
          StepElements.load(array - 4, from, work, y, elements, x4, x5, x6, x7);
          StepElements.load(array - 8, from, work, y, elements, x8, x9, x10, x11);
          if (array == MatrixSteps.ARRAYS) {
            StepElements.loadIntegers(i0, from, work, y, elements);
          }
          if (array == MatrixSteps.ARRAYS + 1) {
            StepElements.loadIntegers(i1, from, work, y, elements);
          }
        } else if (kind == MatrixSteps.STORE) {
          int array = code.get(at + 4);
          int to = code.get(at + 5) + member * code.get(at + 6);
          StepElements.store(array, to, work, y, elements, x0, x1, x2, x3);
          StepElements.store(array - 4, to, work, y, elements, x4, x5, x6, x7);
          StepElements.store(array - 8, to, work, y, elements, x8, x9, x10, x11);
          if (array == MatrixSteps.ARRAYS) {
            StepElements.storeIntegers(work, y, i0, to, elements);
          }
          if (array == MatrixSteps.ARRAYS + 1) {
            StepElements.storeIntegers(work, y, i1, to, elements);
          }
        } else if (kind == SmallSteps.MAP) {
          StepElements.map(work, y, elements, a, code.get(at + 7), code.get(at + 1));
        } else if (kind == SmallSteps.ZIP) {
          StepElements.zip(
              work, y, elements, a, code.get(at + 7), b, code.get(at + 8), code.get(at + 1));
        } else if (kind == SmallSteps.COPY) {
          StepElements.copyEach(work, y, elements, a, code.get(at + 7));
        } else if (kind == RMS_NORM) {
          RowOperations.rmsNorm(work, y, a, b, elements, code.get(at + 6), alpha);
        } else if (kind == RMS_NORM_BACKWARD) {
          int inverse = base + code.get(at + 7);
          RowOperations.rmsNormBackward(work, y, a, b, e, inverse, rows, code.get(at + 8), alpha);
        } else if (kind == GAIN_GRADIENT) {
          RowOperations.gainGradient(work, y, a, b, e, rows, elements);
        } else if (kind == SOFTMAX) {
          RowOperations.softmax(work, y, a, elements, code.get(at + 5));
        } else if (kind == SOFTMAX_BACKWARD) {
          RowOperations.softmaxBackward(work, y, a, b, elements, code.get(at + 6));
        } else if (kind == LOG_SUM_EXP) {
          RowOperations.logSumExp(work, y, a, elements, code.get(at + 5));
        } else if (kind == TOP_K) {
          RowOperations.topK(work, y, a, rows, code.get(at + 5), code.get(at + 6));
        } else if (kind == TAKE_COLUMNS) {
          RowOperations.takeColumns(work, y, a, b, elements, code.get(at + 6), code.get(at + 7));
        } else if (kind == TAKE_COLUMNS_BACKWARD) {
          RowOperations.takeColumnsBackward(
              work, y, a, b, elements, code.get(at + 6), code.get(at + 7));
        } else if (kind == ROPE) {
          int width = code.get(at + 6);
          int size = code.get(at + 7);
          int positions = code.get(at + 8);
          RowOperations.rope(work, y, a, b, member * rows, elements, width, size, positions, alpha);
        } else if (kind == COMBINE) {
          RowOperations.combine(work, y, a, b, elements, code.get(at + 6), code.get(at + 7));
        } else if (kind == COMBINE_BACKWARD) {
          int dz = base + code.get(at + 7);
          int k = code.get(at + 8);
          RowOperations.combineBackward(work, y, a, b, e, dz, elements, k, code.get(at + 9));
        } else if (kind == SUM_TOKENS) {
          RowOperations.sumTokens(work, y, a, elements, code.get(at + 5), code.get(at + 6));
        } else if (kind == GATHER) {
          int width = code.get(at + 7);
          gather(code.get(at + 5), e - base, work, y, a, elements / width, width, x0, x1, x2, x3);
        } else if (kind == SCATTER) {
          int width = code.get(at + 7);
          scatter(code.get(at + 5), e - base, work, y, a, elements / width, width, x0, x1, x2, x3);
        } else {
          StepElements.repeat(work, y, elements, a, code.get(at + 5));
        }
      }
    }
  }

  private static void gather(
      int array,
      int from,
      FloatArray work,
      int y,
      int index,
      int n,
      int width,
      FloatArray x0,
      FloatArray x1,
      FloatArray x2,
      FloatArray x3) {
    if (array == 0) {
      RowOperations.gather(x0, from, work, y, index, n, width);
    }
    if (array == 1) {
      RowOperations.gather(x1, from, work, y, index, n, width);
    }
    if (array == 2) {
      RowOperations.gather(x2, from, work, y, index, n, width);
    }
    if (array == 3) {
      RowOperations.gather(x3, from, work, y, index, n, width);
    }
  }

  private static void scatter(
      int array,
      int to,
      FloatArray work,
      int y,
      int index,
      int n,
      int width,
      FloatArray x0,
      FloatArray x1,
      FloatArray x2,
      FloatArray x3) {
    if (array == 0) {
      RowOperations.scatter(work, y, index, x0, to, n, width);
    }
    if (array == 1) {
      RowOperations.scatter(work, y, index, x1, to, n, width);
    }
    if (array == 2) {
      RowOperations.scatter(work, y, index, x2, to, n, width);
    }
    if (array == 3) {
      RowOperations.scatter(work, y, index, x3, to, n, width);
    }
  }
}
