package io.manifoldmuon.kernels.host;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineContract;
import org.junit.jupiter.api.Tag;

/**
 * The whole contract on a device of a real TornadoVM, where {@code -Dmuon.test.device=0:0} names
 * one: it compiles thousands of kernels. Every op once, products, solvers and training steps are
 * tested on device 0:0 in any case.
 */
@Tag("device")
class TornadoEngineTest extends EngineContract {

  @Override
  public Engine open() {
    assumeTrue(
        !Runtimes.isEmulator(), "no TornadoVM here: the emulator's classes stand in its place");
    String id = System.getProperty("muon.test.device", "");
    assumeTrue(
        !id.isEmpty(), "no device named: -Dmuon.test.device=0:0 runs thousands of kernels on it");
    Runtimes.Numbered d =
        Runtimes.devices().stream().filter(n -> n.id().equals(id)).findFirst().orElseThrow();
    return new DeviceEngine("tornado", "TornadoVM", d.device());
  }
}
