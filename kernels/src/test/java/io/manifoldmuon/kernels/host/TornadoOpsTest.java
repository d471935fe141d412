package io.manifoldmuon.kernels.host;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineSample;
import org.junit.jupiter.api.Tag;

/** Every op once on a device of a real TornadoVM; {@code -Dmuon.test.device=0:0} chooses it. */
@Tag("device")
class TornadoOpsTest extends EngineSample {

  @Override
  public Engine open() {
    assumeTrue(
        !Runtimes.isEmulator(), "no TornadoVM here: the emulator's classes stand in its place");
    String id = System.getProperty("muon.test.device", "0:0");
    Runtimes.Numbered d =
        Runtimes.devices().stream().filter(n -> n.id().equals(id)).findFirst().orElseThrow();
    return new DeviceEngine("tornado", "TornadoVM", d.device());
  }
}
