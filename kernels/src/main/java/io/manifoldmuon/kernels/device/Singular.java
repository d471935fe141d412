package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Singular value decompositions by one-sided Jacobi rotations (Hestenes 1958): columns of A are
 * rotated in pairs until all are orthogonal; then A = U·diag(σ), and the product of the rotations is
 * V. One work-item a matrix: for a stack of small matrices, and for checking.
 *
 * <p>The caller gives the taller of X and Xᵀ as A [rows, k], so that {@code large} becomes U and
 * {@code small} V, or the other way round.
 */
public final class Singular {
  private static final int MOST_SWEEPS = 40;

  /** Columns p and q are rotated while their product is above this part of their lengths. */
  private static final float ROTATE = 6.0e-8f;

  /** The sweeps end when no product is above this part, some roundings of float32. */
  private static final float ORTHOGONAL = 3.0e-7f;

  /** A column below this part of the longest is rounding, and its direction is chosen anew. */
  private static final float NOTHING = 1.0e-6f;

  private Singular() {}

  /** One work-item a matrix; strides tell whether A is X or Xᵀ. */
  public static void jacobiF32(
      KernelContext c,
      FloatArray x,
      int xo,
      FloatArray large,
      int lo,
      FloatArray sigma,
      int so,
      FloatArray small,
      int mo,
      int count,
      int rows,
      int k,
      int rowStride,
      int columnStride) {
    int i = c.globalIdx;
    if (i < count) {
      int xt = xo + i * rows * k;
      int a = lo + i * rows * k;
      int v = mo + i * k * k;
      int s = so + i * k;
      float scale = load(x, xt, large, a, small, v, rows, k, rowStride, columnStride);
      int turned = 1;
      for (int sweep = 0; sweep < MOST_SWEEPS && turned > 0; sweep++) {
        turned = 0;
        for (int p = 0; p < k - 1; p++) {
          for (int q = p + 1; q < k; q++) {
            turned += rotate(large, a, small, v, rows, k, p, q);
          }
        }
      }
      for (int j = 0; j < k; j++) {
        sigma.set(s + j, TornadoMath.sqrt(dot(large, a, rows, k, j, j)));
      }
      sort(large, a, sigma, s, small, v, rows, k);
      for (int j = 0; j < k; j++) {
        normalize(large, a, sigma, s, rows, k, j);
        divide(small, v, k, k, j, TornadoMath.sqrt(dot(small, v, k, k, j, j)));
      }
      for (int j = 0; j < k; j++) {
        sigma.set(s + j, sigma.get(s + j) * scale);
      }
    }
  }

  /** A = X / max |x|, V = I; gives the largest. */
  private static float load(
      FloatArray x,
      int xt,
      FloatArray large,
      int a,
      FloatArray small,
      int v,
      int rows,
      int k,
      int rowStride,
      int columnStride) {
    float most = 0.0f;
    for (int i = 0; i < rows * k; i++) {
      float size = TornadoMath.abs(x.get(xt + i));
      most = size > most ? size : most;
    }
    float scale = most > 0.0f ? most : 1.0f;
    for (int i = 0; i < rows * k; i++) {
      int at = xt + (i / k) * rowStride + (i % k) * columnStride;
      large.set(a + i, x.get(at) / scale);
    }
    for (int i = 0; i < k * k; i++) {
      small.set(v + i, i / k == i % k ? 1.0f : 0.0f);
    }
    return scale;
  }

  private static float dot(FloatArray m, int at, int rows, int k, int p, int q) {
    float sum = 0.0f;
    for (int r = 0; r < rows; r++) {
      sum += m.get(at + r * k + p) * m.get(at + r * k + q);
    }
    return sum;
  }

  /** Makes columns p and q orthogonal; gives 1 if they were far from it. */
  private static int rotate(
      FloatArray large, int a, FloatArray small, int v, int rows, int k, int p, int q) {
    float alpha = dot(large, a, rows, k, p, p);
    float beta = dot(large, a, rows, k, q, q);
    float gamma = dot(large, a, rows, k, p, q);
    float lengths = TornadoMath.sqrt(alpha) * TornadoMath.sqrt(beta);
    float size = TornadoMath.abs(gamma);
    if (size > ROTATE * lengths) {
      float zeta = (beta - alpha) / (2.0f * gamma);
      float root = TornadoMath.sqrt(1.0f + zeta * zeta);
      float t = zeta > 0.0f ? 1.0f / (zeta + root) : -1.0f / (root - zeta);
      float cosine = 1.0f / TornadoMath.sqrt(1.0f + t * t);
      float sine = cosine * t;
      float half = sine / (1.0f + cosine);
      turn(large, a, rows, k, p, q, sine, half);
      turn(small, v, k, k, p, q, sine, half);
    }
    return size > ORTHOGONAL * lengths ? 1 : 0;
  }

  /** By sine and tangent of the half angle: a small rotation then rounds little. */
  private static void turn(
      FloatArray m, int at, int rows, int k, int p, int q, float sine, float half) {
    for (int r = 0; r < rows; r++) {
      float x = m.get(at + r * k + p);
      float y = m.get(at + r * k + q);
      m.set(at + r * k + p, x - sine * (y + half * x));
      m.set(at + r * k + q, y + sine * (x - half * y));
    }
  }

  /** Brings the longest column to the front, then the next. */
  private static void sort(
      FloatArray large, int a, FloatArray sigma, int s, FloatArray small, int v, int rows, int k) {
    for (int j = 0; j < k - 1; j++) {
      int longest = j;
      for (int q = j + 1; q < k; q++) {
        longest = sigma.get(s + q) > sigma.get(s + longest) ? q : longest;
      }
      if (longest > j) {
        float length = sigma.get(s + j);
        sigma.set(s + j, sigma.get(s + longest));
        sigma.set(s + longest, length);
        swap(large, a, rows, k, j, longest);
        swap(small, v, k, k, j, longest);
      }
    }
  }

  private static void swap(FloatArray m, int at, int rows, int k, int p, int q) {
    for (int r = 0; r < rows; r++) {
      float x = m.get(at + r * k + p);
      m.set(at + r * k + p, m.get(at + r * k + q));
      m.set(at + r * k + q, x);
    }
  }

  /**
   * Divides column j by its length; where there is nothing, takes the unit vector that is furthest
   * from the columns before, made orthogonal to them.
   */
  private static void normalize(
      FloatArray m, int at, FloatArray sigma, int s, int rows, int k, int j) {
    if (sigma.get(s + j) > NOTHING * sigma.get(s)) {
      divide(m, at, rows, k, j, sigma.get(s + j));
    } else {
      int axis = 0;
      float least = 2.0f;
      for (int r = 0; r < rows; r++) {
        float inside = 0.0f;
        for (int p = 0; p < j; p++) {
          inside += m.get(at + r * k + p) * m.get(at + r * k + p);
        }
        axis = inside < least ? r : axis;
        least = inside < least ? inside : least;
      }
      for (int r = 0; r < rows; r++) {
        m.set(at + r * k + j, r == axis ? 1.0f : 0.0f);
      }
      // twice is enough (Kahan and Parlett)
      for (int pass = 0; pass < 2; pass++) {
        for (int p = 0; p < j; p++) {
          subtract(m, at, rows, k, p, j, dot(m, at, rows, k, p, j));
        }
        divide(m, at, rows, k, j, TornadoMath.sqrt(dot(m, at, rows, k, j, j)));
      }
    }
  }

  private static void divide(FloatArray m, int at, int rows, int k, int j, float length) {
    for (int r = 0; r < rows; r++) {
      m.set(at + r * k + j, m.get(at + r * k + j) / length);
    }
  }

  private static void subtract(
      FloatArray m, int at, int rows, int k, int p, int j, float amount) {
    for (int r = 0; r < rows; r++) {
      m.set(at + r * k + j, m.get(at + r * k + j) - amount * m.get(at + r * k + p));
    }
  }
}
