package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineSample;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.graph.Vjp;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** The kernels for GPUs: every op once, and a layer whose slots are sorted in pieces. */
abstract class TiledKernelsContract extends EngineSample {

  abstract TornadoDevice device();

  @Override
  public Engine open() {
    return new DeviceEngine("tiled", "kernels for GPUs", device(), ProductKernels.TILED);
  }

  @Test
  void aLayerIsTheReferences() {
    Replays.compare(this::open, RowRunsContract.layer(8, 64, 16, 2), 2, RowRunsContract.TOLERANCE);
  }

  /**
   * One tile, tiles that do not come out even, a head as large as tiles can be, and a larger one.
   */
  @ParameterizedTest
  @CsvSource({
    "3, 2, 1, 1",
    "2, 1, 3, 5",
    "1, 33, 1, 32",
    "2, 67, 3, 5",
    "1, 40, 2, 10",
    "6, 64, 4, 10",
    "2, 64, 1, 24",
    "1, 32, 1, 12",
    "1, 96, 2, 64",
    "1, 40, 1, 72"
  })
  void attentionIsTheReferences(int batch, int positions, int heads, int size) {
    GraphBuilder g = new GraphBuilder();
    int width = heads * size;
    Value x = g.variable("x", Type.real(batch * positions, 3 * width));
    Value along = g.variable("along", Type.real(batch * positions, width));
    // between -3 and 3, so that some positions matter more than others
    Value qkv = g.reshape(g.scale(x, 6), batch, positions, 3 * width);
    Value out = g.causalAttention(qkv, heads, 1 / Math.sqrt(size));
    Value sum = g.dot(g.reshape(out, batch * positions, width), g.scale(along, 6), 0);
    g.output("out", out);
    g.output("gradient", Vjp.gradients(g, sum, List.of(qkv)).getFirst());
    Replays.compare(this::open, g.build(), 1, 2e-5);
  }
}
