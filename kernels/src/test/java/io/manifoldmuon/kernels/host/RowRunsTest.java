package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;

/** Runs of rows on the emulator. */
class RowRunsTest extends RowRunsContract {
  @Override
  Engine open() {
    return Engines.open("emulator", EngineOptions.defaults(), _ -> {});
  }
}
