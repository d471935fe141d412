package io.manifoldmuon.kernels.host;

import org.junit.jupiter.api.Tag;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/**
 * The product kernels on a device of a real TornadoVM; {@code -Dmuon.test.device=0:0} chooses it.
 */
@Tag("device")
class TornadoProductsTest extends ProductsContract {

  @Override
  TornadoDevice device() {
    return ChosenDevice.get("0:0");
  }
}
