package io.manifoldmuon.tests.engines;

class TornadoSolversTest implements DeviceSolversContract {
  @Override
  public String engine() {
    return "tornado";
  }
}
