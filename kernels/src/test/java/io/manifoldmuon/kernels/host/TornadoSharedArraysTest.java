package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.engine.Engine;
import org.junit.jupiter.api.Tag;

/**
 * Operands and results in one array on a device of a real TornadoVM; {@code -Dmuon.test.device=0:0}
 * chooses it.
 */
@Tag("device")
class TornadoSharedArraysTest extends SharedArraysContract {
  @Override
  Engine open() {
    return new DeviceEngine("tornado", "TornadoVM", ChosenDevice.get("0:0"));
  }
}
