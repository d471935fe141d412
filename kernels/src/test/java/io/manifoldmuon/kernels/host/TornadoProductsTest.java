package io.manifoldmuon.kernels.host;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Tag;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/**
 * The product kernels on a device of a real TornadoVM; {@code -Dmuon.test.device=0:0} chooses it.
 */
@Tag("device")
class TornadoProductsTest extends ProductsContract {

  @Override
  TornadoDevice device() {
    assumeTrue(
        !Runtimes.isEmulator(), "no TornadoVM here: the emulator's classes stand in its place");
    String id = System.getProperty("muon.test.device", "0:0");
    return Runtimes.devices().stream()
        .filter(d -> d.id().equals(id))
        .findFirst()
        .orElseThrow()
        .device();
  }
}
