package io.manifoldmuon.linalg.reference;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Op;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.mult.MatrixMatrixMult_DDRM;
import org.ejml.dense.row.mult.MatrixMultProduct_DDRM;

/** Matrix products, by EJML: one for each member of a stack, or for the rows of each expert. */
final class Products {
  private Products() {}

  static double[] matMul(Op.MatMul o, Operands in) {
    Shape a = in.shape(0);
    Shape b = in.shape(1);
    double[] c = new double[in.outShape(0).size()];
    int sizeA = a.dim(-2) * a.dim(-1);
    int sizeB = b.dim(-2) * b.dim(-1);
    int count = a.size() / sizeA;
    int sizeC = c.length / count;
    for (int s = 0; s < count; s++) {
      DMatrixRMaj A = matrix(in.real(0), s * sizeA, a.dim(-2), a.dim(-1));
      DMatrixRMaj B = matrix(in.real(1), s * sizeB, b.dim(-2), b.dim(-1));
      DMatrixRMaj C = multiply(A, o.transposeA(), B, o.transposeB());
      System.arraycopy(C.data, 0, c, s * sizeC, sizeC);
    }
    return c;
  }

  static double[] gram(Op.Gram o, Operands in) {
    Shape x = in.shape(0);
    int size = x.dim(-2) * x.dim(-1);
    int n = in.outShape(0).dim(-1);
    double[] c = new double[in.outShape(0).size()];
    for (int s = 0; s < x.size() / size; s++) {
      DMatrixRMaj X = matrix(in.real(0), s * size, x.dim(-2), x.dim(-1));
      DMatrixRMaj C = new DMatrixRMaj(n, n);
      if (o.rows()) {
        MatrixMultProduct_DDRM.outer(X, C);
      } else {
        MatrixMultProduct_DDRM.inner_reorder(X, C);
      }
      System.arraycopy(C.data, 0, c, s * n * n, n * n);
    }
    return c;
  }

  static double[] symmetricMatMul(Operands in) {
    double[] c = matMul(new Op.MatMul(false, false), in);
    int n = in.outShape(0).dim(-1);
    for (int i = 0; i < c.length; i++) {
      int column = i % n;
      int row = i / n % n;
      if (row < column) {
        c[i] = c[i - row * n - column + column * n + row];
      }
    }
    return c;
  }

  static double[] addTransposed(Op.AddTransposed o, Operands in) {
    double[] x = in.real(0);
    int n = in.shape(0).dim(-1);
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      int column = i % n;
      int row = i / n % n;
      int member = i - row * n - column;
      y[i] = o.a() * x[i] + o.b() * x[member + column * n + row];
    }
    return y;
  }

  static double[] groupedMatMul(Op.GroupedMatMul o, Operands in) {
    Shape w = in.shape(1);
    int k = in.shape(0).dim(1);
    int n = in.outShape(0).dim(1);
    int[] offsets = in.offsets(2, in.shape(0).dim(0));
    double[] y = new double[in.outShape(0).size()];
    for (int e = 0; e < w.dim(0); e++) {
      int rows = offsets[e + 1] - offsets[e];
      if (rows > 0) {
        DMatrixRMaj X = matrix(in.real(0), offsets[e] * k, rows, k);
        DMatrixRMaj W = matrix(in.real(1), e * k * n, w.dim(1), w.dim(2));
        DMatrixRMaj Y = multiply(X, false, W, o.transposeW());
        System.arraycopy(Y.data, 0, y, offsets[e] * n, rows * n);
      }
    }
    return y;
  }

  static double[] groupedOuter(Op.GroupedOuter o, Operands in) {
    int m = in.shape(0).dim(1);
    int n = in.shape(1).dim(1);
    int[] offsets = in.offsets(2, in.shape(0).dim(0));
    double[] y = new double[in.outShape(0).size()];
    for (int e = 0; e < o.experts(); e++) {
      int rows = offsets[e + 1] - offsets[e];
      if (rows > 0) {
        DMatrixRMaj A = matrix(in.real(0), offsets[e] * m, rows, m);
        DMatrixRMaj B = matrix(in.real(1), offsets[e] * n, rows, n);
        DMatrixRMaj Y = multiply(A, true, B, false);
        System.arraycopy(Y.data, 0, y, e * m * n, m * n);
      }
    }
    return y;
  }

  private static DMatrixRMaj matrix(double[] data, int from, int rows, int columns) {
    return DMatrixRMaj.wrap(rows, columns, Arrays.copyOfRange(data, from, from + rows * columns));
  }

  /**
   * op(A)·op(B), by methods that EJML 0.38 has as well: TornadoVM's own launcher brings that
   * version before ours.
   */
  private static DMatrixRMaj multiply(
      DMatrixRMaj A, boolean transposeA, DMatrixRMaj B, boolean transposeB) {
    int rows = transposeA ? A.numCols : A.numRows;
    int columns = transposeB ? B.numRows : B.numCols;
    DMatrixRMaj C = new DMatrixRMaj(rows, columns);
    if (transposeA && transposeB) {
      MatrixMatrixMult_DDRM.multTransAB(A, B, C);
    } else if (transposeA) {
      MatrixMatrixMult_DDRM.multTransA_reorder(A, B, C);
    } else if (transposeB) {
      MatrixMatrixMult_DDRM.multTransB(A, B, C);
    } else {
      MatrixMatrixMult_DDRM.mult_reorder(A, B, C);
    }
    return C;
  }
}
