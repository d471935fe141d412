package io.manifoldmuon.tests.engines;

import org.junit.jupiter.api.Tag;

@Tag("device")
class TornadoSolversTest implements DeviceSolversContract {
  @Override
  public String engine() {
    return "tornado";
  }
}
