package io.manifoldmuon.linalg.engine;

/** The contract on the cpu engine, with three threads: uneven shares of most sizes. */
class CpuEngineTest extends EngineContract {

  @Override
  public Engine open() {
    return Engines.open("cpu", new EngineOptions(3, ""), _ -> {});
  }
}
