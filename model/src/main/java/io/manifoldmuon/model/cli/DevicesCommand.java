package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.engine.EngineProvider;
import io.manifoldmuon.linalg.engine.Engines;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists what can compute here. */
@Command(
    name = "devices",
    mixinStandardHelpOptions = true,
    header = "Lists the engines and devices, and why one cannot run.",
    description = "Lists the engines of this build, their devices, and why one cannot run.")
final class DevicesCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(names = "--json", description = "Print the list as one line of JSON.")
  private boolean json;

  @Option(names = ConfigurationOptions.STACK_TRACE, hidden = true)
  @SuppressWarnings("unused") // read from the arguments by Main
  private boolean stackTrace;

  DevicesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    List<Map<String, Object>> engines = new ArrayList<>();
    for (EngineProvider provider : Engines.providers()) {
      EngineProvider.Probe probe = provider.probe();
      if (json) {
        engines.add(fields(provider, probe));
      } else {
        print(provider, probe);
      }
    }
    if (json) {
      terminal.line(Json.line(Map.of("engines", engines)));
    }
    return Main.DONE;
  }

  private void print(EngineProvider provider, EngineProvider.Probe probe) {
    String state = probe.available() ? "available" : "not available";
    terminal.line(Texts.format("%-10s %s: %s", provider.name(), state, probe.reason()));
    probe.devices().forEach(d -> terminal.line(Texts.format("  %-8s %s", d.id(), d.description())));
  }

  private static Map<String, Object> fields(EngineProvider p, EngineProvider.Probe probe) {
    List<Map<String, String>> devices =
        probe.devices().stream()
            .map(d -> Map.of("id", d.id(), "description", d.description()))
            .toList();
    return Map.of(
        "name", p.name(),
        "available", probe.available(),
        "reason", probe.reason(),
        "devices", devices);
  }
}
