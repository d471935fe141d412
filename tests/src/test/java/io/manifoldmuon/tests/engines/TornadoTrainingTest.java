package io.manifoldmuon.tests.engines;

import org.junit.jupiter.api.Tag;

@Tag("device")
class TornadoTrainingTest implements DeviceTrainingContract {
  @Override
  public String engine() {
    return "tornado";
  }
}
