package io.manifoldmuon.tests.engines;

class EmulatorTrainingTest implements DeviceTrainingContract {
  @Override
  public String engine() {
    return "emulator";
  }
}
