package io.manifoldmuon.model.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The key figures of a run. */
public final class RunFigures {
  private final RunData run;
  private final MetricTable metrics;
  private final Series validation;

  /** The figures of a run. */
  public RunFigures(RunData run) {
    this.run = run;
    this.metrics = run.metrics();
    this.validation = metrics.series("val_loss");
  }

  /** Optimizer steps done, as far as they were logged. */
  public long steps() {
    return metrics.lastStep();
  }

  /** Training tokens seen. */
  public double tokens() {
    return metrics.last("tokens");
  }

  /** The last loss of a training batch; NaN for none. */
  public double trainLoss() {
    return metrics.last("train_loss");
  }

  /** The last validation loss; NaN for none. */
  public double validationLoss() {
    return metrics.last("val_loss");
  }

  /** The validation loss after a step, where it was logged. */
  public Optional<Double> validationLossAt(long step) {
    for (int i = 0; i < validation.x().length; i++) {
      if (Math.round(validation.x()[i]) == step) {
        return Optional.of(validation.y()[i]);
      }
    }
    return Optional.empty();
  }

  /** The least validation loss; NaN for none. */
  public double bestLoss() {
    return validation.isEmpty() ? Double.NaN : validation.min();
  }

  /** The step of the least validation loss; 0 for none. */
  public long bestStep() {
    return validation.isEmpty() ? 0 : Math.round(validation.x()[validation.lowest()]);
  }

  /** Seconds of all sessions together, NaN where they were not logged. */
  public double seconds() {
    return metrics.last("total_seconds");
  }

  /** Training tokens a second, validation and saving included. */
  public double tokensPerSecond() {
    return tokens() / seconds();
  }

  /** The median time of a logged step in milliseconds; NaN for none. */
  public double stepMilliseconds() {
    double[] ms = metrics.series("step_ms").y().clone();
    java.util.Arrays.sort(ms);
    return ms.length == 0 ? Double.NaN : ms[ms.length / 2];
  }

  /** The last of the largest constraint residuals; NaN where nothing is constrained. */
  public double constraint() {
    return metrics.last("constraint_max");
  }

  /** The largest constraint residual of all logged steps; NaN where nothing is constrained. */
  public double worstConstraint() {
    Series s = metrics.series("constraint_max");
    return s.isEmpty() ? Double.NaN : s.max();
  }

  /** How the run stands, in words. */
  public String outcome() {
    return run.outcome();
  }

  /** The tiles at the top of the run's page. */
  List<Page.Tile> tiles() {
    List<Page.Tile> tiles = new ArrayList<>();
    if (!validation.isEmpty()) {
      tiles.add(
          new Page.Tile(
              "Validation loss", NumberText.of(validationLoss(), 5), "nats per token" + best()));
      tiles.add(compression());
    }
    if (Double.isFinite(trainLoss())) {
      tiles.add(
          new Page.Tile(
              "Training loss", NumberText.of(trainLoss(), 4), "of the last logged batch"));
    }
    if (Double.isFinite(tokens())) {
      tiles.add(
          new Page.Tile("Tokens", NumberText.count(tokens()), NumberText.count(steps(), "step")));
    }
    if (seconds() > 0) {
      tiles.add(
          new Page.Tile(
              "Time",
              NumberText.duration(seconds()),
              "a step " + NumberText.of(stepMilliseconds(), 3) + " ms"));
      tiles.add(
          new Page.Tile(
              "Speed", NumberText.of(tokensPerSecond(), 4), "tokens per second, all included"));
    }
    if (Double.isFinite(worstConstraint())) {
      tiles.add(
          new Page.Tile(
              "Constraint residual",
              NumberText.of(constraint(), 2),
              "largest; over the run " + NumberText.of(worstConstraint(), 2)));
    }
    return tiles;
  }

  private String best() {
    return bestLoss() < validationLoss()
        ? "; best " + NumberText.of(bestLoss(), 5) + " at step " + bestStep()
        : "";
  }

  private Page.Tile compression() {
    double loss = validationLoss();
    String perplexity = NumberText.of(Math.exp(loss), 4);
    return run.config("data.tokenizer").equals("bytes")
        ? new Page.Tile(
            "Bits per byte", NumberText.of(loss / Math.log(2), 4), "perplexity " + perplexity)
        : new Page.Tile("Perplexity", perplexity, "of the next token");
  }
}
