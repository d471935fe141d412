package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.model.config.ConfigBuilder;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Tokenizers;
import io.manifoldmuon.model.train.EngineOpening;
import io.manifoldmuon.model.train.GradCheck;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compares an engine's loss and gradients with the reference engine's. */
@Command(
    name = "gradcheck",
    mixinStandardHelpOptions = true,
    header = "Compares an engine's gradients with the reference engine's.",
    description = {
      "Compares loss and gradients of a new model on random tokens with the reference engine's in",
      "float64, and these with difference quotients. Exit code 1 if something differs.",
      "The context is 32 unless a preset or model.context is given."
    })
final class GradCheckCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private ConfigurationOptions options;

  @Option(
      names = "--batch",
      paramLabel = "B",
      defaultValue = "2",
      description = "The windows of the batch (${DEFAULT-VALUE}).")
  private int batch;

  @Option(names = "--json", description = "Print the table as one line of JSON.")
  private boolean json;

  GradCheckCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Numbers.atLeast("--batch", batch, 1);
    ConfigBuilder builder = new ConfigBuilder().yaml("model: {context: 32}", "gradcheck");
    RunConfig config = options.over(builder).build();
    Terminal messages = json ? terminal.messagesOnly() : terminal;
    int vocabulary = Tokenizers.named(config.data().tokenizer()).vocabSize();
    try (Engine engine = EngineOpening.open(config.engine(), messages::notice);
        Engine reference = Engines.open("reference", EngineOptions.defaults(), messages::notice)) {
      messages.line("engine " + engine.name() + ": " + engine.description());
      GradCheck.Report report =
          GradCheck.run(
              engine, reference, config.model(), vocabulary, batch, config.train().seed());
      if (json) {
        terminal.line(Json.line(fields(report)));
      } else {
        print(report);
      }
      return report.passes() ? Main.DONE : Main.FAILED;
    }
  }

  private void print(GradCheck.Report report) {
    terminal.line(
        Texts.format(
            "loss %.9f, reference %.9f, relative error %.1e (at most %.0e)",
            report.loss(), report.referenceLoss(), report.lossError(), GradCheck.LOSS_TOLERANCE));
    int width = report.rows().stream().mapToInt(r -> r.name().length()).max().orElse(1);
    String columns = "%-" + width + "s  %10s  %10s  %10s  %s";
    terminal.line(Texts.format(columns, "gradient of", "norm", "engine", "quotient", ""));
    for (GradCheck.Row row : report.rows()) {
      terminal.line(
          Texts.format(
              columns,
              row.name(),
              Texts.format("%.3e", row.norm()),
              Texts.format("%.1e", row.engineError()),
              Texts.format("%.1e", row.differenceError()),
              row.passes() ? "" : "DIFFERS"));
    }
    terminal.line(
        Texts.format(
            "%s: engine against reference at most %.0e, reference against quotient at most %.0e",
            report.passes() ? "agree" : "DIFFER",
            GradCheck.GRADIENT_TOLERANCE,
            GradCheck.DIFFERENCE_TOLERANCE));
  }

  private static Map<String, Object> fields(GradCheck.Report report) {
    List<Map<String, Object>> rows = report.rows().stream().map(GradCheckCommand::fields).toList();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("passes", report.passes());
    fields.put("loss", report.loss());
    fields.put("reference_loss", report.referenceLoss());
    fields.put("tensors", rows);
    return fields;
  }

  private static Map<String, Object> fields(GradCheck.Row row) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", row.name());
    fields.put("norm", row.norm());
    fields.put("engine_error", row.engineError());
    fields.put("difference", row.difference());
    fields.put("passes", row.passes());
    return fields;
  }
}
