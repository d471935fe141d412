package io.manifoldmuon.linalg.engine;

/** The contract on the cpu engine. */
class CpuEngineTest extends EngineContract {

  @Override
  public Engine open() {
    return Engines.open("cpu", EngineOptions.defaults(), _ -> {});
  }
}
