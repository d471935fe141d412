package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.model.config.EngineConfig;
import java.util.function.Consumer;

/** Opens the engine that a configuration names. */
public final class EngineOpening {
  private EngineOpening() {}

  /**
   * Opens the engine.
   *
   * @param notices told what {@code auto} chose, and why
   * @throws io.manifoldmuon.linalg.EngineUnavailableException with the reason
   */
  public static Engine open(EngineConfig config, Consumer<String> notices) {
    String device = config.device() == null ? "" : config.device();
    return Engines.open(config.name(), new EngineOptions(config.threads(), device), notices);
  }
}
