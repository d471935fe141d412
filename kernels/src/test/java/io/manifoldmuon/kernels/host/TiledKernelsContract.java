package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineSample;
import org.junit.jupiter.api.Test;
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
}
