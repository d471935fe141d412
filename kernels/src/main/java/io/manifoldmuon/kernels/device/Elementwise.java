package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** One work-item an element. */
public final class Elementwise {
  private Elementwise() {}

  /** y = f(x), f a number of {@link Functions}. */
  public static void mapF32(
      KernelContext c, FloatArray x, int xo, FloatArray y, int yo, int n, int f) {
    int i = c.globalIdx;
    if (i < n) {
      y.set(yo + i, Functions.value(f, x.get(xo + i)));
    }
  }

  /** dx = f′(x)·dy. */
  public static void mapBackwardF32(
      KernelContext c,
      FloatArray x,
      int xo,
      FloatArray dy,
      int dyo,
      FloatArray dx,
      int dxo,
      int n,
      int f) {
    int i = c.globalIdx;
    if (i < n) {
      dx.set(dxo + i, Functions.derivative(f, x.get(xo + i)) * dy.get(dyo + i));
    }
  }

  /** yᵢ = f(aᵢ, b[(i / run) % period]): a prefix of a's shape has runs, a suffix a period. */
  public static void zipF32(
      KernelContext c,
      FloatArray a,
      int ao,
      FloatArray b,
      int bo,
      FloatArray y,
      int yo,
      int n,
      int run,
      int period,
      int f) {
    int i = c.globalIdx;
    if (i < n) {
      y.set(yo + i, Functions.combine(f, a.get(ao + i), b.get(bo + (i / run) % period)));
    }
  }

  /**
   * yᵢ = g(f(aᵢ, b), d), or g(d, f(aᵢ, b)) where {@code swap} is 1, with b and d read by runs and
   * periods of their own.
   */
  public static void zipZipF32(
      KernelContext c,
      FloatArray a,
      int ao,
      FloatArray b,
      int bo,
      FloatArray d,
      int dof,
      FloatArray y,
      int yo,
      int n,
      int run,
      int period,
      int runD,
      int periodD,
      int f,
      int g,
      int swap) {
    int i = c.globalIdx;
    if (i < n) {
      float x = Functions.combine(f, a.get(ao + i), b.get(bo + (i / run) % period));
      float z = d.get(dof + (i / runD) % periodD);
      float left = swap == 1 ? z : x;
      float right = swap == 1 ? x : z;
      y.set(yo + i, Functions.combine(g, left, right));
    }
  }

  /** yᵢ = x[(i / run) % period]. */
  public static void expandF32(
      KernelContext c, FloatArray x, int xo, FloatArray y, int yo, int n, int run, int period) {
    int i = c.globalIdx;
    if (i < n) {
      y.set(yo + i, x.get(xo + (i / run) % period));
    }
  }

  /** y = a + t·(b − a), t one element. */
  public static void lerpF32(
      KernelContext c,
      FloatArray a,
      int ao,
      FloatArray b,
      int bo,
      FloatArray t,
      int to,
      FloatArray y,
      int yo,
      int n) {
    int i = c.globalIdx;
    if (i < n) {
      float from = a.get(ao + i);
      y.set(yo + i, from + t.get(to) * (b.get(bo + i) - from));
    }
  }

  /** Y = wa·A + wb·B + wd·I for stacks of n × n matrices; any n where wd is 0. */
  public static void weightedSumF32(
      KernelContext c,
      FloatArray a,
      int ao,
      FloatArray b,
      int bo,
      FloatArray y,
      int yo,
      int size,
      int n,
      float wa,
      float wb,
      float wd) {
    int i = c.globalIdx;
    if (i < size) {
      float diagonal = (i / n) % n == i % n ? wd : 0.0f;
      y.set(yo + i, wa * a.get(ao + i) + wb * b.get(bo + i) + diagonal);
    }
  }

  /** Y = wa·X + wb·Xᵀ for stacks of n × n matrices. */
  public static void addTransposedF32(
      KernelContext c,
      FloatArray x,
      int xo,
      FloatArray y,
      int yo,
      int size,
      int n,
      float wa,
      float wb) {
    int i = c.globalIdx;
    if (i < size) {
      int column = i % n;
      int row = (i / n) % n;
      int mirrored = i - row * n - column + column * n + row;
      y.set(yo + i, wa * x.get(xo + i) + wb * x.get(xo + mirrored));
    }
  }

  /** y = x. */
  public static void copyF32(KernelContext c, FloatArray x, int xo, FloatArray y, int yo, int n) {
    int i = c.globalIdx;
    if (i < n) {
      y.set(yo + i, x.get(xo + i));
    }
  }

  /** y = x. */
  public static void copyI32(KernelContext c, IntArray x, int xo, IntArray y, int yo, int n) {
    int i = c.globalIdx;
    if (i < n) {
      y.set(yo + i, x.get(xo + i));
    }
  }
}
