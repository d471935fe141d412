package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.engine.Engine;
import org.junit.jupiter.api.Tag;

/** Runs of rows on a device of a real TornadoVM; {@code -Dmuon.test.device=0:0} chooses it. */
@Tag("device")
class TornadoRowRunsTest extends RowRunsContract {
  @Override
  Engine open() {
    return new DeviceEngine("tornado", "TornadoVM", ChosenDevice.get("0:0"));
  }
}
