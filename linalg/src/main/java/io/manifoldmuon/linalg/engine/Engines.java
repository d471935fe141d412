package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.EngineUnavailableException;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Opens engines by name. */
public final class Engines {
  /** The name that lets the library choose. */
  public static final String AUTO = "auto";

  private Engines() {}

  /** All engines on the class path, the preferred one first. */
  public static List<EngineProvider> providers() {
    return ServiceLoader.load(EngineProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparingInt(EngineProvider::preference).reversed())
        .toList();
  }

  /**
   * Opens the engine of that name, or the best available one for {@code auto}.
   *
   * @param notices told which engine {@code auto} chose and why others were passed over
   * @throws EngineUnavailableException naming each engine's reason
   */
  public static Engine open(String name, EngineOptions options, Consumer<String> notices) {
    List<EngineProvider> all = providers();
    if (name.equals(AUTO)) {
      return choose(all, options, notices);
    }
    EngineProvider provider =
        all.stream()
            .filter(p -> p.name().equals(name))
            .findFirst()
            .orElseThrow(() -> unknown(name, all));
    EngineProvider.Probe probe = provider.probe();
    if (!probe.available()) {
      throw new EngineUnavailableException("engine '" + name + "': " + probe.reason());
    }
    return provider.open(options);
  }

  private static Engine choose(
      List<EngineProvider> all, EngineOptions options, Consumer<String> notices) {
    StringBuilder reasons = new StringBuilder();
    for (EngineProvider p : all) {
      if (p.preference() >= 0) {
        EngineProvider.Probe probe = p.probe();
        if (probe.available()) {
          notices.accept("engine auto: " + p.name() + " (" + probe.reason() + ")" + reasons);
          return p.open(options);
        }
        reasons.append("; not ").append(p.name()).append(": ").append(probe.reason());
      }
    }
    throw new EngineUnavailableException(
        "engine 'auto': no engine can run here" + reasons + "; name one with --engine");
  }

  private static EngineUnavailableException unknown(String name, List<EngineProvider> all) {
    String present = all.stream().map(EngineProvider::name).collect(Collectors.joining(", "));
    return new EngineUnavailableException(
        "engine '"
            + name
            + "': not on the class path of this build, which has "
            + present
            + "; choose one of these, or 'auto'");
  }
}
