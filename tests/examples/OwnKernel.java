import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A kernel of its own, which puts the rows of a matrix on the unit sphere: a group for each row. */
public final class OwnKernel {
  private static final int GROUP = 64;

  private OwnKernel() {}

  public static void normalizeRows(KernelContext context, FloatArray w, int columns) {
    int local = context.localIdx;
    int row = context.groupIdx * columns;
    float[] sums = context.allocateFloatLocalArray(GROUP);
    float sum = 0;
    for (int j = local; j < columns; j += GROUP) {
      float x = w.get(row + j);
      sum += x * x;
    }
    sums[local] = sum;
    for (int stride = GROUP / 2; stride > 0; stride /= 2) {
      context.localBarrier();
      if (local < stride) {
        sums[local] += sums[local + stride];
      }
    }
    context.localBarrier();
    float norm = TornadoMath.sqrt(sums[0]);
    for (int j = local; j < columns; j += GROUP) {
      w.set(row + j, w.get(row + j) / norm);
    }
  }

  public static void main(String[] args) throws Exception {
    int rows = 30;
    int columns = 1000;
    FloatArray w = new FloatArray(rows * columns);
    for (int i = 0; i < w.getSize(); i++) {
      w.set(i, i % 17 - 8);
    }

    TaskGraph graph =
        new TaskGraph("sphere")
            .transferToDevice(DataTransferMode.FIRST_EXECUTION, w)
            .task("rows", OwnKernel::normalizeRows, new KernelContext(), w, columns)
            .transferToHost(DataTransferMode.EVERY_EXECUTION, w);
    WorkerGrid grid = new WorkerGrid1D(rows * GROUP);
    grid.setLocalWork(GROUP, 1, 1);
    try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
      plan.withGridScheduler(new GridScheduler("sphere.rows", grid)).execute();
      System.out.println("ran on " + plan.getDevice(0).getDeviceName());
    }

    double off = 0;
    for (int i = 0; i < rows; i++) {
      double sum = 0;
      for (int j = 0; j < columns; j++) {
        sum += Math.pow(w.get(i * columns + j), 2);
      }
      off = Math.max(off, Math.abs(Math.sqrt(sum) - 1));
    }
    System.out.println("off the sphere by " + off);
  }
}
