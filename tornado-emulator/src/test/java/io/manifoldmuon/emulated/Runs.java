package io.manifoldmuon.emulated;

import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.WorkerGrid3D;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** What the tests of this package start kernels with. */
final class Runs {
  private Runs() {}

  static WorkerGrid grid(int global, int local) {
    WorkerGrid grid = new WorkerGrid1D(global);
    grid.setLocalWork(local, 1, 1);
    return grid;
  }

  static WorkerGrid grid(int globalX, int globalY, int localX, int localY) {
    WorkerGrid grid = new WorkerGrid2D(globalX, globalY);
    grid.setLocalWork(localX, localY, 1);
    return grid;
  }

  static WorkerGrid grid(int[] global, int[] local) {
    WorkerGrid grid = new WorkerGrid3D(global[0], global[1], global[2]);
    grid.setLocalWork(local[0], local[1], local[2]);
    return grid;
  }

  /** Runs a graph named g, whose task is named t, once. */
  static void once(TaskGraph graph, WorkerGrid grid) throws TornadoExecutionPlanException {
    try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
      plan.withGridScheduler(new GridScheduler("g.t", grid)).execute();
    }
  }

  /** 1, 2, 3, … */
  static FloatArray counting(int size) {
    FloatArray array = new FloatArray(size);
    for (int i = 0; i < size; i++) {
      array.set(i, i + 1);
    }
    return array;
  }
}
