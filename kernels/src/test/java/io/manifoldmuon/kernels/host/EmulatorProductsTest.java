package io.manifoldmuon.kernels.host;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** The product kernels on the emulator. */
class EmulatorProductsTest extends ProductsContract {

  @Override
  TornadoDevice device() {
    assumeTrue(Runtimes.isEmulator(), "this build's TornadoVM is a real one, not the emulator");
    return Runtimes.devices().getFirst().device();
  }
}
