package io.manifoldmuon.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/**
 * Our products beside those of TornadoVM's own matrix library on a device of a real TornadoVM;
 * {@code -Dmuon.test.device=0:0} chooses it.
 */
@Tag("device")
class TornadoMatricesTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 33, 128, 200})
  void ourProductIsTheirs(int n) {
    TornadoDevice device = ChosenDevice.get("0:0");
    float[] a = new float[n * n];
    float[] b = new float[n * n];
    GraphBuilder g = new GraphBuilder();
    g.output("y", g.matMul(g.input("a", Type.real(n, n)), g.input("b", Type.real(n, n))));
    try (MatricesPeer peer = new MatricesPeer(device, n);
        DeviceEngine engine = new DeviceEngine("tornado", "", device);
        Program program = engine.compile(g.build())) {
      for (int i = 0; i < n * n; i++) {
        a[i] = (float) CounterRandom.gaussian(3, 1, i);
        b[i] = (float) CounterRandom.gaussian(3, 2, i);
        peer.set(i / n, i % n, a[i], b[i]);
      }
      peer.run();
      program.write("a", Tensor.of(Shape.of(n, n), a));
      program.write("b", Tensor.of(Shape.of(n, n), b));
      program.run();
      double[] y = program.read("y").doubles();
      for (int i = 0; i < n * n; i++) {
        double terms = 0;
        for (int q = 0; q < n; q++) {
          terms += Math.abs((double) a[i / n * n + q] * b[q * n + i % n]);
        }
        assertThat(Math.abs(y[i] - peer.get(i / n, i % n)))
            .as("element (%d, %d)", i / n, i % n)
            .isLessThanOrEqualTo((n + 3) * 0x1.0p-24 * terms);
      }
    }
  }
}
