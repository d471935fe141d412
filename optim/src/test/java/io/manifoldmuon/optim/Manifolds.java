package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.Shape;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;

/** Truth for the tests: points on manifolds and matrix functions, by decompositions in float64. */
final class Manifolds {
  private Manifolds() {}

  /** The polar factors of a stack of matrices, times a radius. */
  static double[] stiefel(Shape shape, double[] x, double radius) {
    int m = shape.dim(-2);
    int n = shape.dim(-1);
    double[] y = new double[x.length];
    for (int at = 0; at < x.length; at += m * n) {
      double[] member = msign(matrix(m, n, Arrays.copyOfRange(x, at, at + m * n))).data;
      for (int i = 0; i < m * n; i++) {
        y[at + i] = radius * member[i];
      }
    }
    return y;
  }

  /** Every vector divided by its length. */
  static double[] sphere(Shape shape, double[] x, SphereMode mode) {
    double[] squares = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      squares[vector(shape, i, mode)] += x[i] * x[i];
    }
    double[] y = new double[x.length];
    Arrays.setAll(y, i -> x[i] / Math.sqrt(squares[vector(shape, i, mode)]));
    return y;
  }

  /** A number for the vector that element i belongs to. */
  private static int vector(Shape shape, int i, SphereMode mode) {
    int m = shape.dim(-2);
    int n = shape.dim(-1);
    return switch (mode) {
      case PER_ROW -> i / n;
      case PER_COLUMN -> i / (m * n) * n + i % n;
      case WHOLE -> i / (m * n);
    };
  }

  static DMatrixRMaj matrix(int m, int n, double[] x) {
    return new DMatrixRMaj(m, n, true, x.clone());
  }

  /** UVᵀ over the singular values above 1e-13 of the largest. */
  static DMatrixRMaj msign(DMatrixRMaj X) {
    var svd = DecompositionFactory_DDRM.svd(X.numRows, X.numCols, true, true, true);
    if (!svd.decompose(X.copy())) {
      throw new IllegalStateException("svd failed");
    }
    DMatrixRMaj U = svd.getU(null, false);
    double[] sigma = svd.getSingularValues();
    double largest = Arrays.stream(sigma).limit(svd.numberOfSingularValues()).max().orElse(0);
    for (int j = 0; j < svd.numberOfSingularValues(); j++) {
      if (!(sigma[j] > 1e-13 * largest)) {
        for (int i = 0; i < U.numRows; i++) {
          U.set(i, j, 0);
        }
      }
    }
    DMatrixRMaj y = new DMatrixRMaj(X.numRows, X.numCols);
    CommonOps_DDRM.mult(U, svd.getV(null, true), y);
    return y;
  }

  /** E^½ of a symmetric positive semidefinite E, whose singular values are its eigenvalues. */
  static DMatrixRMaj root(DMatrixRMaj E) {
    var svd = DecompositionFactory_DDRM.svd(E.numRows, E.numCols, true, true, true);
    if (!svd.decompose(E.copy())) {
      throw new IllegalStateException("svd did not converge");
    }
    DMatrixRMaj V = svd.getV(null, false);
    DMatrixRMaj roots = svd.getW(null);
    for (int i = 0; i < E.numRows; i++) {
      roots.set(i, i, Math.sqrt(roots.get(i, i)));
    }
    return times(times(V, roots), transposed(V));
  }

  /** The sum of the singular values. */
  static double nuclearNorm(DMatrixRMaj X) {
    return Arrays.stream(SingularOps_DDRM.singularValues(X)).sum();
  }

  /** The largest singular value. */
  static double spectralNorm(DMatrixRMaj X) {
    return Arrays.stream(SingularOps_DDRM.singularValues(X)).max().orElse(0);
  }

  static DMatrixRMaj times(DMatrixRMaj A, DMatrixRMaj B) {
    DMatrixRMaj C = new DMatrixRMaj(A.numRows, B.numCols);
    CommonOps_DDRM.mult(A, B, C);
    return C;
  }

  static DMatrixRMaj transposed(DMatrixRMaj A) {
    return CommonOps_DDRM.transpose(A, null);
  }

  /** a·A + b·B. */
  static DMatrixRMaj sum(double a, DMatrixRMaj A, double b, DMatrixRMaj B) {
    DMatrixRMaj C = new DMatrixRMaj(A.numRows, A.numCols);
    CommonOps_DDRM.add(a, A, b, B, C);
    return C;
  }

  /** Σ A·B. */
  static double dot(DMatrixRMaj A, DMatrixRMaj B) {
    double sum = 0;
    for (int i = 0; i < A.data.length; i++) {
      sum += A.data[i] * B.data[i];
    }
    return sum;
  }
}
