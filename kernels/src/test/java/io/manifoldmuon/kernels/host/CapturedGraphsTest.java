package io.manifoldmuon.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** Programs whose graphs are captured, as on CUDA, until their launches are timed. */
class CapturedGraphsTest {

  /** w ← w / 2 + x, and what it was before. */
  private static Graph halving() {
    GraphBuilder g = new GraphBuilder();
    Value w = g.variable("w", Type.real(3));
    Value x = g.input("x", Type.real(3));
    g.output("before", g.scale(w, 1));
    g.assign("w", g.weightedSum(0.5, w, 1, x));
    return g.build();
  }

  @Test
  void timingLaunchesKeepsTheState() {
    TornadoDevice device = Runtimes.devices().getFirst().device();
    try (Engine engine =
            new DeviceEngine("captured", "", device, ProductKernels.TILED, true, false);
        Program program = engine.compile(halving())) {
      engine.write("w", Tensor.of(Shape.of(3), 8.0, 16, 32));
      program.write("x", Tensor.of(Shape.of(3), 1.0, 1, 1));
      program.run();
      assertThat(program.timeLaunches(true)).isTrue();
      assertThatThrownBy(() -> program.read("before"))
          .as("nothing has run since")
          .isInstanceOf(IllegalStateException.class);
      program.run();
      assertThat(program.read("before").doubles()).containsExactly(5, 9, 17);
      assertThat(program.plan()).contains(" ms ");
      program.timeLaunches(false);
      program.run();
      assertThat(engine.read("w").doubles()).containsExactly(2.75, 3.75, 5.75);
    }
  }
}
