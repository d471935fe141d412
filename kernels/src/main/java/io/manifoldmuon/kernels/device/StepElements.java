package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What {@link MatrixSteps} and {@link RowSteps} have in common: steps element by element, where an
 * operand of stride 0 is one number, and the ways between a member's share and other arrays.
 */
final class StepElements {
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

  static void zip(FloatArray work, int y, int n, int a, int strideA, int b, int strideB, int f) {
    for (int i = 0; i < n; i++) {
      float x = work.get(a + i * strideA);
      work.set(y + i, Functions.combine(f, x, work.get(b + i * strideB)));
    }
  }

  /** f(a, b) first, then the other function of that and d. */
  static void zipZip(IntArray code, int at, FloatArray work, int base, int y, int n) {
    int f = code.get(at + 1);
    int a = base + code.get(at + 4);
    int b = base + code.get(at + 5);
    int d = base + code.get(at + 6);
    int strideA = code.get(at + 7);
    int strideB = code.get(at + 8);
    int strideD = code.get(at + 9);
    int g = code.get(at + 10);
    int swap = code.get(at + 11);
    for (int i = 0; i < n; i++) {
      float x = Functions.combine(f, work.get(a + i * strideA), work.get(b + i * strideB));
      float z = work.get(d + i * strideD);
      float left = swap == 1 ? z : x;
      float right = swap == 1 ? x : z;
      work.set(y + i, Functions.combine(g, left, right));
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
