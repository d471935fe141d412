package io.manifoldmuon.kernels.host;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** Tensor cores on the emulator. */
class TensorCoresTest extends TensorCoresContract {
  @Override
  TornadoDevice device() {
    assumeTrue(Runtimes.isEmulator(), "this build's TornadoVM is a real one, not the emulator");
    return Runtimes.devices().getFirst().device();
  }
}
