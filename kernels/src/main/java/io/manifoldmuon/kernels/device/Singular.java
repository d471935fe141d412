package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Singular value decompositions by one-sided Jacobi rotations (Hestenes 1958): columns of A are
 * rotated in pairs until all are orthogonal; then A = U·diag(σ), and the product of the rotations
 * is V. One work-item a matrix: for a stack of small matrices, and for checking. Devices without
 * float64 cannot run it.
 *
 * <p>The caller gives the taller of X and Xᵀ as A [rows, k], so that {@code large} becomes U and
 * {@code small} V, or the other way round.
 */
public final class Singular {
  private static final int MOST_SWEEPS = 40;

  /** Columns are orthogonal when their product is below this part of their lengths. */
  private static final double ORTHOGONAL = 1.0e-12;

  /** A column below this part of the longest is rounding, and its direction is chosen anew. */
  private static final double NOTHING = 1.0e-12;

  private Singular() {}

  /** One work-item a matrix; strides tell whether A is X or Xᵀ. Float64 inside, in a and v. */
  public static void jacobiF64(
      KernelContext c,
      FloatArray x,
      int xo,
      FloatArray large,
      int lo,
      FloatArray sigma,
      int so,
      FloatArray small,
      int mo,
      DoubleArray a,
      DoubleArray v,
      int count,
      int rows,
      int k,
      int rowStride,
      int columnStride) {
    int i = c.globalIdx;
    if (i < count) {
      int at = i * rows * k;
      int vt = i * k * k;
      for (int e = 0; e < rows * k; e++) {
        a.set(at + e, x.get(xo + at + (e / k) * rowStride + (e % k) * columnStride));
      }
      for (int e = 0; e < k * k; e++) {
        v.set(vt + e, e / k == e % k ? 1.0 : 0.0);
      }
      int turned = 1;
      for (int sweep = 0; sweep < MOST_SWEEPS && turned > 0; sweep++) {
        turned = 0;
        for (int p = 0; p < k - 1; p++) {
          for (int q = p + 1; q < k; q++) {
            turned += rotate(a, at, v, vt, rows, k, p, q);
          }
        }
      }
      sort(a, at, v, vt, rows, k);
      double longest = TornadoMath.sqrt(dot(a, at, rows, k, 0, 0));
      for (int j = 0; j < k; j++) {
        double length = TornadoMath.sqrt(dot(a, at, rows, k, j, j));
        sigma.set(so + i * k + j, (float) length);
        normalize(a, at, rows, k, j, length, NOTHING * longest);
      }
      for (int e = 0; e < rows * k; e++) {
        large.set(lo + at + e, (float) a.get(at + e));
      }
      for (int e = 0; e < k * k; e++) {
        small.set(mo + vt + e, (float) v.get(vt + e));
      }
    }
  }

  private static double dot(DoubleArray m, int at, int rows, int k, int p, int q) {
    double sum = 0.0;
    for (int r = 0; r < rows; r++) {
      sum += m.get(at + r * k + p) * m.get(at + r * k + q);
    }
    return sum;
  }

  /** Makes columns p and q orthogonal; gives 1 if they were not. */
  private static int rotate(
      DoubleArray a, int at, DoubleArray v, int vt, int rows, int k, int p, int q) {
    double alpha = dot(a, at, rows, k, p, p);
    double beta = dot(a, at, rows, k, q, q);
    double gamma = dot(a, at, rows, k, p, q);
    double lengths = TornadoMath.sqrt(alpha) * TornadoMath.sqrt(beta);
    int turns = TornadoMath.abs(gamma) > ORTHOGONAL * lengths ? 1 : 0;
    if (turns == 1) {
      double zeta = (beta - alpha) / (2.0 * gamma);
      double root = TornadoMath.sqrt(1.0 + zeta * zeta);
      double t = zeta > 0.0 ? 1.0 / (zeta + root) : -1.0 / (root - zeta);
      double cosine = 1.0 / TornadoMath.sqrt(1.0 + t * t);
      double sine = cosine * t;
      double half = sine / (1.0 + cosine);
      turn(a, at, rows, k, p, q, sine, half);
      turn(v, vt, k, k, p, q, sine, half);
    }
    return turns;
  }

  /** By sine and tangent of the half angle: a small rotation then rounds little. */
  private static void turn(
      DoubleArray m, int at, int rows, int k, int p, int q, double sine, double half) {
    for (int r = 0; r < rows; r++) {
      double x = m.get(at + r * k + p);
      double y = m.get(at + r * k + q);
      m.set(at + r * k + p, x - sine * (y + half * x));
      m.set(at + r * k + q, y + sine * (x - half * y));
    }
  }

  /** Brings the longest column to the front, then the next. */
  private static void sort(DoubleArray a, int at, DoubleArray v, int vt, int rows, int k) {
    for (int j = 0; j < k - 1; j++) {
      int longest = j;
      double most = dot(a, at, rows, k, j, j);
      for (int q = j + 1; q < k; q++) {
        double square = dot(a, at, rows, k, q, q);
        longest = square > most ? q : longest;
        most = square > most ? square : most;
      }
      if (longest > j) {
        swap(a, at, rows, k, j, longest);
        swap(v, vt, k, k, j, longest);
      }
    }
  }

  private static void swap(DoubleArray m, int at, int rows, int k, int p, int q) {
    for (int r = 0; r < rows; r++) {
      double x = m.get(at + r * k + p);
      m.set(at + r * k + p, m.get(at + r * k + q));
      m.set(at + r * k + q, x);
    }
  }

  /**
   * Divides column j by its length; where there is nothing, takes the unit vector that is furthest
   * from the columns before, made orthogonal to them.
   */
  private static void normalize(
      DoubleArray m, int at, int rows, int k, int j, double length, double nothing) {
    if (length > nothing) {
      divide(m, at, rows, k, j, length);
    } else {
      int axis = 0;
      double least = 2.0;
      for (int r = 0; r < rows; r++) {
        double inside = 0.0;
        for (int p = 0; p < j; p++) {
          inside += m.get(at + r * k + p) * m.get(at + r * k + p);
        }
        axis = inside < least ? r : axis;
        least = inside < least ? inside : least;
      }
      for (int r = 0; r < rows; r++) {
        m.set(at + r * k + j, r == axis ? 1.0 : 0.0);
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

  private static void divide(DoubleArray m, int at, int rows, int k, int j, double length) {
    for (int r = 0; r < rows; r++) {
      m.set(at + r * k + j, m.get(at + r * k + j) / length);
    }
  }

  private static void subtract(
      DoubleArray m, int at, int rows, int k, int p, int j, double amount) {
    for (int r = 0; r < rows; r++) {
      m.set(at + r * k + j, m.get(at + r * k + j) - amount * m.get(at + r * k + p));
    }
  }
}
