package io.manifoldmuon.linalg.cpu;

import io.manifoldmuon.linalg.EngineUnavailableException;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.EngineProvider;
import java.util.List;

/** Offers {@link CpuEngine}. */
public final class CpuEngineProvider implements EngineProvider {

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public int preference() {
    return 10;
  }

  @Override
  public Probe probe() {
    try {
      String found =
          "OpenBLAS, "
              + Runtime.getRuntime().availableProcessors()
              + " processors, "
              + Memory.LANES * 32
              + "-bit vectors: "
              + OpenBlas.load().configuration();
      return new Probe(true, found, List.of(new Device("0", found)));
    } catch (EngineUnavailableException e) {
      return new Probe(false, e.getMessage(), List.of());
    } catch (NoClassDefFoundError e) {
      return new Probe(
          false,
          "the Vector API is absent, start java with --add-modules jdk.incubator.vector",
          List.of());
    }
  }

  @Override
  public Engine open(EngineOptions options) {
    return new CpuEngine(options);
  }
}
