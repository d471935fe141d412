package io.manifoldmuon.kernels.host;

import org.junit.jupiter.api.Tag;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** The kernels for GPUs on a device of a real TornadoVM; {@code -Dmuon.test.device=0:0}. */
@Tag("device")
class TornadoTiledKernelsTest extends TiledKernelsContract {
  @Override
  TornadoDevice device() {
    return ChosenDevice.get("0:0");
  }
}
