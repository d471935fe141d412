package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.engine.EngineProvider;
import io.manifoldmuon.linalg.engine.EngineProvider.Device;
import io.manifoldmuon.linalg.engine.EngineProvider.SelfTest;
import io.manifoldmuon.linalg.engine.Engines;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists what can compute here, and whether it computes right. */
@Command(
    name = "devices",
    mixinStandardHelpOptions = true,
    header = "Lists the engines and devices, and why one cannot run.",
    description = {
      "Lists the engines of this build and why one cannot run, their devices with backend, memory"
          + " and limits, and the outcome of each device's self-test: one small kernel of each"
          + " pattern, compared with the reference engine. A device that fails is refused by the"
          + " other commands."
    })
final class DevicesCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(names = "--json", description = "Print the list as one line of JSON.")
  private boolean json;

  @Option(names = "--no-self-test", description = "Only list: compute nothing on the devices.")
  private boolean noSelfTest;

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

  private Optional<SelfTest> selfTest(EngineProvider provider, Device device) {
    return noSelfTest ? Optional.empty() : provider.selfTest(device.id());
  }

  private void print(EngineProvider provider, EngineProvider.Probe probe) {
    String state = probe.available() ? "available" : "not available";
    terminal.line(Texts.format("%-10s %s: %s", provider.name(), state, probe.reason()));
    for (Device d : probe.devices()) {
      terminal.line(Texts.format("  %-8s %s", d.id(), d.description()));
      if (!d.backend().isEmpty()) {
        terminal.line(
            Texts.format(
                "           %s, %.1f GiB, %s",
                d.backend(), d.memoryBytes() / (double) (1 << 30), d.limits()));
      }
      selfTest(provider, d)
          .ifPresent(
              t ->
                  terminal.line(
                      Texts.format(
                          "           self-test %s: %s",
                          t.passed() ? "passed" : "failed, refused", t.report())));
    }
  }

  private Map<String, Object> fields(EngineProvider p, EngineProvider.Probe probe) {
    return Map.of(
        "name", p.name(),
        "available", probe.available(),
        "reason", probe.reason(),
        "devices", probe.devices().stream().map(d -> fields(p, d)).toList());
  }

  private Map<String, Object> fields(EngineProvider p, Device d) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", d.id());
    fields.put("description", d.description());
    if (!d.backend().isEmpty()) {
      fields.put("backend", d.backend());
      fields.put("memory_bytes", d.memoryBytes());
      fields.put("limits", d.limits());
    }
    selfTest(p, d)
        .ifPresent(
            t -> {
              fields.put("self_test", t.passed());
              fields.put("self_test_report", t.report());
            });
    return fields;
  }
}
