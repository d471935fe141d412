package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineSample;
import org.junit.jupiter.api.Tag;

/** Every op once on a device of a real TornadoVM; {@code -Dmuon.test.device=0:0} chooses it. */
@Tag("device")
class TornadoOpsTest extends EngineSample {

  @Override
  public Engine open() {
    return new DeviceEngine("tornado", "TornadoVM", ChosenDevice.get("0:0"));
  }
}
