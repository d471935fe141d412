package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.vectors.Float16;

/**
 * What {@link MatrixSteps} and {@link RowSteps} have in common: steps element by element, where an
 * operand of stride 0 is one number, and the ways between a member's share and other arrays.
 */
final class StepElements {
  private static final int LANES = VectorBlocks.LANES;

  private StepElements() {}

  static void map(FloatArray work, int y, int n, int a, int stride, int f) {
    for (int i = 0; i < n; i++) {
      work.set(y + i, Functions.value(f, work.get(a + i * stride)));
    }
  }

  static void copyEach(FloatArray work, int y, int n, int a, int stride) {
    for (int i = 0; i < n; i++) {
      work.set(y + i, work.get(a + i * stride));
    }
  }

  static void repeat(FloatArray work, int y, int n, int a, int period) {
    for (int i = 0; i < n; i++) {
      work.set(y + i, work.get(a + i % period));
    }
  }

  /** Sixteen at a time where that is one operation, of places that begin a vector. */
  static void zip(FloatArray work, int y, int n, int a, int strideA, int b, int strideB, int f) {
    VectorFloat16 vectors = new VectorFloat16(work);
    int whole = f == Functions.ADD || f == Functions.SUB || f == Functions.MUL ? n / LANES : 0;
    Float16 oneA = VectorBlocks.repeat(work.get(a));
    Float16 oneB = VectorBlocks.repeat(work.get(b));
    for (int i = 0; i < whole; i++) {
      Float16 u = oneA;
      if (strideA == 1) {
        u = vectors.get(a / LANES + i);
      }
      Float16 v = oneB;
      if (strideB == 1) {
        v = vectors.get(b / LANES + i);
      }
      Float16 z = Float16.add(u, v);
      if (f == Functions.SUB) {
        z = Float16.sub(u, v);
      }
      if (f == Functions.MUL) {
        z = Float16.mult(u, v);
      }
      vectors.set(y / LANES + i, z);
    }
    for (int i = whole * LANES; i < n; i++) {
      float x = work.get(a + i * strideA);
      work.set(y + i, Functions.combine(f, x, work.get(b + i * strideB)));
    }
  }

  private static void copy(FloatArray x, int from, FloatArray y, int to, int n) {
    for (int i = 0; i < n; i++) {
      y.set(to + i, x.get(from + i));
    }
  }

  /** From the array of that number, if it is one of these four: more are too long to inline. */
  static void load(
      int array,
      int from,
      FloatArray work,
      int y,
      int n,
      FloatArray x0,
      FloatArray x1,
      FloatArray x2,
      FloatArray x3) {
    if (array == 0) {
      copy(x0, from, work, y, n);
    }
    if (array == 1) {
      copy(x1, from, work, y, n);
    }
    if (array == 2) {
      copy(x2, from, work, y, n);
    }
    if (array == 3) {
      copy(x3, from, work, y, n);
    }
  }

  /** The same, the other way. */
  static void store(
      int array,
      int to,
      FloatArray work,
      int y,
      int n,
      FloatArray x0,
      FloatArray x1,
      FloatArray x2,
      FloatArray x3) {
    if (array == 0) {
      copy(work, y, x0, to, n);
    }
    if (array == 1) {
      copy(work, y, x1, to, n);
    }
    if (array == 2) {
      copy(work, y, x2, to, n);
    }
    if (array == 3) {
      copy(work, y, x3, to, n);
    }
  }

  static void loadIntegers(IntArray x, int from, FloatArray work, int y, int n) {
    for (int i = 0; i < n; i++) {
      work.set(y + i, (float) x.get(from + i));
    }
  }

  static void storeIntegers(FloatArray work, int y, IntArray x, int to, int n) {
    for (int i = 0; i < n; i++) {
      x.set(to + i, (int) work.get(y + i));
    }
  }
}
