package io.manifoldmuon.kernels.host;

import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.matrix.Matrix2DDouble;
import uk.ac.manchester.tornado.matrix.MatrixMath;

/**
 * The product C = A·B of TornadoVM's own matrix library, {@code tornado-matrices}: a task of two
 * parallel loops in float64, whose grid TornadoVM chooses.
 */
final class MatricesPeer implements AutoCloseable {
  private final Matrix2DDouble a;
  private final Matrix2DDouble b;
  private final Matrix2DDouble c;
  private final TornadoExecutionPlan plan;

  /** Square matrices of n rows on a device. */
  MatricesPeer(TornadoDevice device, int n) {
    a = new Matrix2DDouble(n, n);
    b = new Matrix2DDouble(n, n);
    c = new Matrix2DDouble(n, n);
    TaskGraph graph =
        new TaskGraph("matrices" + n)
            .transferToDevice(DataTransferMode.EVERY_EXECUTION, a, b)
            .task("dgemm", MatrixMath::dgemm, a, b, c)
            .transferToHost(DataTransferMode.EVERY_EXECUTION, c);
    plan = new TornadoExecutionPlan(graph.snapshot());
    plan.withDevice(device);
  }

  /** The operands. */
  void set(int row, int column, double inA, double inB) {
    a.set(row, column, inA);
    b.set(row, column, inB);
  }

  /** Makes the product. */
  void run() {
    plan.execute();
  }

  double get(int row, int column) {
    return c.get(row, column);
  }

  @Override
  public void close() {
    try {
      plan.close();
    } catch (TornadoExecutionPlanException e) {
      throw new IllegalStateException(e);
    }
  }
}
