package io.manifoldmuon.tests.engines;

class TornadoTrainingTest implements DeviceTrainingContract {
  @Override
  public String engine() {
    return "tornado";
  }
}
