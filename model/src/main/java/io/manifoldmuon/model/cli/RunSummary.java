package io.manifoldmuon.model.cli;

import io.manifoldmuon.model.report.RunData;
import io.manifoldmuon.model.report.RunFigures;
import io.manifoldmuon.model.report.RunReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code inspect} says of a run before its weights. */
final class RunSummary {
  private final RunFigures figures;

  private RunSummary(RunData run) {
    this.figures = new RunFigures(run);
  }

  /** The summary of a run's folder; empty where {@code path} is none. */
  static Optional<RunSummary> of(Path path) {
    return Files.isRegularFile(path.resolve("metrics.jsonl"))
        ? Optional.of(new RunSummary(RunReader.read(path)))
        : Optional.empty();
  }

  /** For people. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    String time =
        figures.seconds() > 0
            ? Texts.format(
                " in %s, %,.0f tokens/s",
                Texts.duration(figures.seconds()), figures.tokensPerSecond())
            : "";
    lines.add(
        Texts.format(
            "%,d %s, %,.0f tokens%s",
            figures.steps(), figures.steps() == 1 ? "step" : "steps", figures.tokens(), time));
    lines.add("run " + figures.outcome());
    if (Double.isFinite(figures.trainLoss())) {
      lines.add(Texts.format("last training loss %.4f nats per token", figures.trainLoss()));
    }
    if (Double.isFinite(figures.validationLoss())) {
      lines.add(
          Texts.format(
              "validation loss %.4f nats per token, the best %.4f at step %,d",
              figures.validationLoss(), figures.bestLoss(), figures.bestStep()));
    }
    if (Double.isFinite(figures.worstConstraint())) {
      lines.add(
          Texts.format(
              "constraint residual %.1e, at most %.1e",
              figures.constraint(), figures.worstConstraint()));
    }
    return lines;
  }

  /** For programs; what is not known is absent. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("outcome", figures.outcome());
    fields.put("step", figures.steps());
    put(fields, "tokens", figures.tokens());
    put(fields, "seconds", figures.seconds());
    put(fields, "train_loss", figures.trainLoss());
    put(fields, "val_loss", figures.validationLoss());
    put(fields, "best_val_loss", figures.bestLoss());
    if (figures.bestStep() > 0) {
      fields.put("best_step", figures.bestStep());
    }
    put(fields, "constraint_max", figures.constraint());
    put(fields, "worst_constraint_max", figures.worstConstraint());
    return fields;
  }

  private static void put(Map<String, Object> fields, String key, double value) {
    if (Double.isFinite(value)) {
      fields.put(key, value);
    }
  }
}
