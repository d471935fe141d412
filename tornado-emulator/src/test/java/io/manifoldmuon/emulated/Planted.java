package io.manifoldmuon.emulated;

import static io.manifoldmuon.emulated.Runs.counting;
import static io.manifoldmuon.emulated.Runs.grid;
import static io.manifoldmuon.emulated.Runs.once;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import io.manifoldmuon.emulator.EmulatorException;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Runs of kernels with a planted fault, and what the emulator says of it. */
final class Planted {
  private Planted() {}

  static EmulatorException fails(TaskGraph graph, WorkerGrid grid) {
    return catchThrowableOfType(EmulatorException.class, () -> once(graph, grid));
  }

  /** Runs a kernel with x = 1 … 8 and y = 0 … 0 in groups of 4. */
  static EmulatorException fails(Task3<KernelContext, FloatArray, FloatArray> kernel) {
    return fails(kernel, grid(8, 4));
  }

  static EmulatorException fails(
      Task3<KernelContext, FloatArray, FloatArray> kernel, WorkerGrid grid) {
    FloatArray x = counting(8);
    FloatArray y = new FloatArray(8);
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(EVERY_EXECUTION, x, y)
            .task("t", kernel, new KernelContext(), x, y)
            .transferToHost(EVERY_EXECUTION, y);
    EmulatorException found = fails(graph, grid);
    assertThat(found).as("the planted fault").isNotNull();
    assertThat(found).hasMessageStartingWith("emulator: g.t");
    return found;
  }
}
