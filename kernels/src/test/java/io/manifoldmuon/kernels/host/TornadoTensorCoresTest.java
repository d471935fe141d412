package io.manifoldmuon.kernels.host;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Tag;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** Tensor cores of a CUDA device under a real TornadoVM; {@code -Dmuon.test.device=0:0}. */
@Tag("device")
class TornadoTensorCoresTest extends TensorCoresContract {
  @Override
  TornadoDevice device() {
    TornadoDevice device = ChosenDevice.get("0:0");
    assumeTrue(
        TensorCores.isOn(device),
        "no tensor cores here: a CUDA device of compute capability 8.0 has them");
    return device;
  }
}
