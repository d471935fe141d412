package io.manifoldmuon.tests.engines;

class EmulatorSolversTest implements DeviceSolversContract {
  @Override
  public String engine() {
    return "emulator";
  }
}
