package io.manifoldmuon.kernels.host;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineContract;

/** The whole contract, on the emulator. */
class EmulatorEngineTest extends EngineContract {

  @Override
  public Engine open() {
    assumeTrue(Runtimes.isEmulator(), "this build's TornadoVM is a real one, not the emulator");
    Runtimes.Numbered d = Runtimes.devices().getFirst();
    return new DeviceEngine("emulator", "the emulator", d.device());
  }
}
