package io.manifoldmuon.linalg.reference;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.Shape;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;

/** Singular value decompositions, by EJML's implicit QR. */
final class Singular {
  private Singular() {}

  /** U, σ and V of every matrix of the stack. */
  static Object[] svd(Operands in) {
    Shape x = in.shape(0);
    int m = x.dim(-2);
    int n = x.dim(-1);
    int k = Math.min(m, n);
    double[] u = new double[in.outShape(0).size()];
    double[] sigma = new double[in.outShape(1).size()];
    double[] v = new double[in.outShape(2).size()];
    for (int s = 0; s < sigma.length / k; s++) {
      double[] X = Arrays.copyOfRange(in.real(0), s * m * n, (s + 1) * m * n);
      requireFinite(in, s, n, X);
      var svd = DecompositionFactory_DDRM.svd(m, n, true, true, true);
      if (!svd.decompose(DMatrixRMaj.wrap(m, n, X))) {
        throw new NumericalException(
            in.node().where() + ": matrix " + s + " of " + x + " did not converge");
      }
      DMatrixRMaj U = svd.getU(null, false);
      DMatrixRMaj V = svd.getV(null, false);
      double[] values = svd.getSingularValues();
      SingularOps_DDRM.descendingOrder(U, false, values, k, V, false);
      System.arraycopy(U.data, 0, u, s * m * k, m * k);
      System.arraycopy(values, 0, sigma, s * k, k);
      System.arraycopy(V.data, 0, v, s * n * k, n * k);
    }
    return new Object[] {u, sigma, v};
  }

  private static void requireFinite(Operands in, int matrix, int columns, double[] X) {
    for (int i = 0; i < X.length; i++) {
      if (!Double.isFinite(X[i])) {
        throw new NumericalException(
            String.format(
                "%s: matrix %d of %s has %s in row %d, column %d, wanted finite numbers",
                in.node().where(), matrix, in.shape(0), X[i], i / columns, i % columns));
      }
    }
  }
}
