package io.manifoldmuon.linalg.reference;

import io.manifoldmuon.linalg.EngineUnavailableException;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.EngineProvider;
import java.util.List;

/** Opens the reference engine, which runs everywhere and is chosen only by name. */
public final class ReferenceEngineProvider implements EngineProvider {
  private static final Device HOST = new Device("host", "this JVM, one thread, float64");

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public int preference() {
    return -1;
  }

  @Override
  public Probe probe() {
    return new Probe(true, ReferenceEngine.DESCRIPTION, List.of(HOST));
  }

  @Override
  public Engine open(EngineOptions options) {
    if (!options.device().isEmpty() && !options.device().equals(HOST.id())) {
      throw new EngineUnavailableException(
          "engine 'reference': device '"
              + options.device()
              + "' given, it has only 'host'; leave --device out");
    }
    return new ReferenceEngine();
  }
}
