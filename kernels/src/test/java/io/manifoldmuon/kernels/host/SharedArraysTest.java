package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;

/** Operands and results in one array, on the emulator. */
class SharedArraysTest extends SharedArraysContract {
  @Override
  Engine open() {
    return Engines.open("emulator", EngineOptions.defaults(), _ -> {});
  }
}
