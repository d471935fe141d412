package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;

/**
 * Many steps on stacks of matrices in one task, for CPU devices: each work-item, a group of its
 * own, takes one matrix of each stack through all steps, so that nothing has to wait for another.
 *
 * <p>The steps are data, so that one compiled kernel serves every chain of products. A member's
 * matrices and numbers lie side by side in its share of {@code work}, where every step finds its
 * operands; steps of their own bring them there from up to {@value #ARRAYS} arrays, and back.
 *
 * <p>{@code code} holds the number of steps, the elements of a member's share, the number of
 * members, and then {@value #LENGTH} numbers a step: kind, function, place of the result, its
 * elements, and what the kind needs. Places are relative to the member's share.
 */
public final class MatrixSteps {
  /** The arrays that the steps load from and store to. */
  public static final int ARRAYS = 12;

  /**
   * The numbers before the first step: of the steps, of a member's elements and of the members, and
   * where a member has {@value #SCRATCH} elements that no step has.
   */
  public static final int HEADER = 4;

  /** The elements that products need besides, where there are any; they begin a vector. */
  public static final int SCRATCH = VectorBlocks.BLOCK;

  /** The numbers of a step. */
  public static final int LENGTH = 14;

  /** The real numbers of a step. */
  public static final int FACTORS = 3;

  // the first kinds are those of SmallSteps; an operand of one element serves all: stride 0

  /** Y = α·op(A)·op(B) + β·E + δ·I: a, b, e, m, k, n, and a form of {@link VectorProducts}. */
  public static final int PRODUCT = 9;

  /** Y = α·A + β·Aᵀ of a square matrix: a, rows. */
  public static final int ADD_TRANSPOSED = 10;

  /** Y = α·A + β·B + δ·I: a, b, columns. */
  public static final int WEIGHTED = 11;

  /** Brings elements here: the array, its first element, the distance from member to member. */
  public static final int LOAD = 12;

  /** Brings elements back: the same. */
  public static final int STORE = 13;

  private static final int LANES = 8;

  private MatrixSteps() {}

  /** Runs the code[0] steps for member {@code groupIdx}; groups of one work-item. */
  public static void matrixStepsVectorF32(
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
      FloatArray x11) {
    int member = c.groupIdx;
    if (member < code.get(2)) {
      float[] panel = new float[VectorBlocks.PANEL];
      VectorFloat16 vectors = new VectorFloat16(work);
      int base = member * code.get(1);
      int scratch = base + code.get(3);
      int steps = code.get(0);
      for (int s = 0; s < steps; s++) {
        int at = HEADER + LENGTH * s;
        int kind = code.get(at);
        int y = base + code.get(at + 2);
        int elements = code.get(at + 3);
        int a = base + code.get(at + 4);
        int b = base + code.get(at + 5);
        int e = base + code.get(at + 6);
        float alpha = factors.get(FACTORS * s);
        float beta = factors.get(FACTORS * s + 1);
        float delta = factors.get(FACTORS * s + 2);
        if (kind == PRODUCT) {
          int m = code.get(at + 7);
          int k = code.get(at + 8);
          int n = code.get(at + 9);
          int form = code.get(at + 10);
          int stepM = (form & VectorProducts.TRANSPOSE_A) != 0 ? 1 : k;
          int stepK = (form & VectorProducts.TRANSPOSE_A) != 0 ? m : 1;
          int stepBK = (form & VectorProducts.TRANSPOSE_B) != 0 ? 1 : n;
          int stepN = (form & VectorProducts.TRANSPOSE_B) != 0 ? k : 1;
          int triangle = form & VectorProducts.TRIANGLE;
          for (int column = 0; column < n; column += VectorBlocks.COLUMNS) {
            int width = Math.min(VectorBlocks.COLUMNS, n - column);
            int first = triangle != 0 ? column : 0;
            for (int p = 0; p < k; p += VectorBlocks.DEPTH) {
              int depth = Math.min(VectorBlocks.DEPTH, k - p);
              int corner = b + p * stepBK + column * stepN;
              VectorBlocks.pack(work, corner, stepBK, stepN, depth, width, panel);
              for (int i = first; i < m; i += VectorBlocks.ROWS) {
                int rows = Math.min(VectorBlocks.ROWS, m - i);
                int from = a + i * stepM + p * stepK;
                int to = y + i * n + column;
                StepProducts.multiply(
                    work, vectors, from, stepM, stepK, rows, depth, panel, to, n, width, p,
                    scratch);
                if (p + depth == k && triangle != 0) {
                  StepProducts.mirror(work, y, n, i, rows, column, width);
                }
              }
            }
          }
          if (alpha != 1.0f || beta != 0.0f || delta != 0.0f) {
            StepProducts.finish(work, e, y, m, n, alpha, beta, delta);
          }
        } else if (kind == LOAD) {
          int array = code.get(at + 4);
          int from = code.get(at + 5) + member * code.get(at + 6);
          StepElements.load(array, from, work, y, elements, x0, x1, x2, x3);
          StepElements.load(array - 4, from, work, y, elements, x4, x5, x6, x7);
          StepElements.load(array - 8, from, work, y, elements, x8, x9, x10, x11);
        } else if (kind == STORE) {
          int array = code.get(at + 4);
          int to = code.get(at + 5) + member * code.get(at + 6);
          StepElements.store(array, to, work, y, elements, x0, x1, x2, x3);
          StepElements.store(array - 4, to, work, y, elements, x4, x5, x6, x7);
          StepElements.store(array - 8, to, work, y, elements, x8, x9, x10, x11);
        } else if (kind == ADD_TRANSPOSED) {
          addTransposed(work, y, a, code.get(at + 5), alpha, beta);
        } else if (kind == WEIGHTED) {
          weighted(work, y, a, b, elements, code.get(at + 6), alpha, beta, delta);
        } else if (kind == SmallSteps.SUM) {
          sums(work, y, a, elements, code.get(at + 5));
        } else if (kind == SmallSteps.DOT) {
          dots(work, y, a, base + code.get(at + 6), elements, code.get(at + 5));
        } else if (kind == SmallSteps.MAX_ABS) {
          maxima(work, y, a, elements, code.get(at + 5));
        } else if (kind == SmallSteps.MAP) {
          StepElements.map(work, y, elements, a, code.get(at + 7), code.get(at + 1));
        } else if (kind == SmallSteps.LERP) {
          lerp(work, y, elements, a, code.get(at + 7), b, code.get(at + 8), e);
        } else if (kind == SmallSteps.ZIP) {
          StepElements.zip(
              work, y, elements, a, code.get(at + 7), b, code.get(at + 8), code.get(at + 1));
        } else {
          StepElements.copyEach(work, y, elements, a, code.get(at + 7));
        }
      }
    }
  }

  private static void lerp(
      FloatArray work, int y, int n, int a, int strideA, int b, int strideB, int d) {
    float t = work.get(d);
    for (int i = 0; i < n; i++) {
      float from = work.get(a + i * strideA);
      work.set(y + i, from + t * (work.get(b + i * strideB) - from));
    }
  }

  private static void addTransposed(FloatArray work, int y, int a, int n, float alpha, float beta) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        float sum = alpha * work.get(a + i * n + j) + beta * work.get(a + j * n + i);
        work.set(y + i * n + j, sum);
      }
    }
  }

  private static void weighted(
      FloatArray work,
      int y,
      int a,
      int b,
      int elements,
      int n,
      float alpha,
      float beta,
      float delta) {
    for (int i = 0; i < elements; i++) {
      work.set(y + i, alpha * work.get(a + i) + beta * work.get(b + i));
    }
    if (delta != 0.0f) {
      for (int i = 0; i < n; i++) {
        work.set(y + i * n + i, work.get(y + i * n + i) + delta);
      }
    }
  }

  /** Sums of rows, each in eight parts. */
  private static void sums(FloatArray work, int y, int a, int rows, int width) {
    float[] part = new float[LANES];
    for (int r = 0; r < rows; r++) {
      VectorBlocks.fill(part, LANES, 0.0f);
      for (int j = 0; j < width; j++) {
        part[j % LANES] += work.get(a + r * width + j);
      }
      work.set(y + r, total(part));
    }
  }

  private static void dots(FloatArray work, int y, int a, int b, int rows, int width) {
    float[] part = new float[LANES];
    for (int r = 0; r < rows; r++) {
      VectorBlocks.fill(part, LANES, 0.0f);
      for (int j = 0; j < width; j++) {
        part[j % LANES] += work.get(a + r * width + j) * work.get(b + r * width + j);
      }
      work.set(y + r, total(part));
    }
  }

  private static float total(float[] part) {
    return (part[0] + part[1] + (part[2] + part[3])) + (part[4] + part[5] + (part[6] + part[7]));
  }

  private static void maxima(FloatArray work, int y, int a, int rows, int width) {
    for (int r = 0; r < rows; r++) {
      float most = 0.0f;
      for (int j = 0; j < width; j++) {
        float x = Functions.value(Functions.ABS, work.get(a + r * width + j));
        most = Functions.combine(Functions.MAX, most, x);
      }
      work.set(y + r, most);
    }
  }
}
