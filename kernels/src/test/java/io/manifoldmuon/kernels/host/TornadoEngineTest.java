package io.manifoldmuon.kernels.host;

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
    return new DeviceEngine("tornado", "TornadoVM", ChosenDevice.get(""));
  }
}
