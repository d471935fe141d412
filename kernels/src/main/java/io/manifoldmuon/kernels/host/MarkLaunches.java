package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.Marks;
import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Launches of {@link Marks}. */
final class MarkLaunches {
  private MarkLaunches() {}

  /** Touches an array that has been sent. */
  static Launch keep(TornadoNativeArray array) {
    return array instanceof FloatArray x
        ? launch("keepF32", (g, id) -> g.task(id, Marks::keepF32, new KernelContext(), x))
        : launch(
            "keepI32",
            (g, id) -> g.task(id, Marks::keepI32, new KernelContext(), (IntArray) array));
  }

  /** Touches an array without content. */
  static Launch begin(TornadoNativeArray array) {
    return array instanceof FloatArray x
        ? launch("beginF32", (g, id) -> g.task(id, Marks::beginF32, new KernelContext(), x))
        : launch(
            "beginI32",
            (g, id) -> g.task(id, Marks::beginI32, new KernelContext(), (IntArray) array));
  }

  private static Launch launch(String name, Launch.Task task) {
    return Launch.of(name, List.of(), List.of(), Grid.covering(1), 0, task);
  }
}
