package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.ConfigBuilder;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.format.AtomicFile;
import io.manifoldmuon.model.train.EngineOpening;
import io.manifoldmuon.model.train.LearningRateCurve;
import io.manifoldmuon.model.train.LearningRateSearch;
import io.manifoldmuon.model.train.LearningRateSearch.Point;
import io.manifoldmuon.model.train.LearningRateSearch.Result;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Looks for a learning rate. */
@Command(
    name = "lr-find",
    mixinStandardHelpOptions = true,
    header = "Looks for a learning rate: trains while it grows, until the loss rises.",
    description = {
      "Trains for some steps while all learning rates grow from --from to --to times what the",
      "configuration says, prints the loss over the factor, and proposes the rates at which it",
      "falls fastest. Nothing is saved but the curve."
    })
final class LrFindCommand implements Callable<Integer> {
  private static final int LINES = 20;

  private final Terminal terminal;

  @Mixin private ConfigurationOptions options;

  @Option(names = "--data", paramLabel = "PATH", description = "The text (data.path).")
  private String data;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "100",
      description = "The most steps (${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--from",
      paramLabel = "X",
      defaultValue = "0.01",
      description = "The first factor (${DEFAULT-VALUE}).")
  private double from;

  @Option(
      names = "--to",
      paramLabel = "X",
      defaultValue = "30",
      description = "The last factor (${DEFAULT-VALUE}).")
  private double to;

  @Option(names = "--out", paramLabel = "FILE", description = "An SVG file for the curve.")
  private Path out;

  @Option(
      names = "--json",
      description = "Print one line of JSON: points, steepest, lowest and the proposed rates.")
  private boolean json;

  LrFindCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Numbers.atLeast("--steps", (long) steps, 10);
    Numbers.above("--from", from, 0);
    Numbers.above("--to", to, from);
    if (out != null) {
      AtomicFile.check(out);
    }
    ConfigBuilder builder = options.over(new ConfigBuilder());
    if (data != null) {
      builder.option("--data", "data.path", data);
    }
    RunConfig config = builder.build();
    Terminal messages = json ? terminal.messagesOnly() : terminal;
    try (Dataset text = Dataset.open(config.data(), config.model().context(), messages::notice);
        Engine engine = EngineOpening.open(config.engine(), messages::notice)) {
      int[] count = {0};
      messages.line(Texts.format("%10s  %8s  %8s", "factor", "loss", "smoothed"));
      Result result =
          LearningRateSearch.run(
              config,
              text,
              engine,
              steps,
              from,
              to,
              p -> {
                if (count[0]++ % Math.max(1, steps / LINES) == 0) {
                  messages.line(
                      Texts.format("%10.4f  %8.4f  %8.4f", p.factor(), p.loss(), p.smoothed()));
                }
              });
      print(config, result, messages);
    }
    return Main.DONE;
  }

  private void print(RunConfig config, Result result, Terminal messages) {
    messages.line(Texts.format("the loss is lowest at factor %.4f", result.lowest()));
    Map<String, Double> proposed = new LinkedHashMap<>();
    if (result.steepest().isPresent()) {
      double factor = result.steepest().getAsDouble();
      LearningRateSearch.rates(config.optimizer())
          .forEach((key, rate) -> proposed.put(key, rate * factor));
      messages.line(
          Texts.format("it falls fastest at factor %.4f: ", factor)
              + proposed.entrySet().stream()
                  .map(e -> Texts.format("--set %s=%.3g", e.getKey(), e.getValue()))
                  .collect(Collectors.joining(" ")));
    } else {
      messages.line("it falls nowhere: begin with a smaller --from, or take more --steps");
    }
    if (json) {
      terminal.line(Json.line(fields(result, proposed)));
    }
    if (out != null) {
      AtomicFile.write(out, LearningRateCurve.svg(result));
      messages.line("curve " + out);
    }
  }

  private static Map<String, Object> fields(Result result, Map<String, Double> proposed) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put(
        "points",
        result.points().stream()
            .map((Point p) -> List.of(p.factor(), p.loss(), p.smoothed()))
            .toList());
    result.steepest().ifPresent(factor -> fields.put("steepest", factor));
    fields.put("lowest", result.lowest());
    fields.put("rates", proposed);
    return fields;
  }
}
