package io.manifoldmuon.model.train;

import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.nn.ExpertLoad;
import io.manifoldmuon.model.nn.ModelSize;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Gathers what the {@link Report} of a run shows. */
final class RunReport {
  private RunReport() {}

  /**
   * The page of a run.
   *
   * @param last the last logged step
   */
  static String html(
      TrainJob job,
      ModelSize size,
      TrainResult result,
      StepMetrics last,
      LossHistory history,
      Map<String, String> environment) {
    RunConfig c = job.config();
    String title =
        format("%s model, %s parameters", c.model().preset(), millions(size.parameters()));
    return Report.html(
        new Report.Content(
            title,
            lead(job, result),
            figures(job, size, result, last),
            history,
            result.floor(),
            result.sample(),
            job.command(),
            c.toYaml(),
            environment));
  }

  private static String lead(TrainJob job, TrainResult r) {
    String end =
        switch (r.outcome()) {
          case COMPLETED -> format("All %,d steps were done", r.step());
          case OUT_OF_TIME -> format("The time limit ended it after %,d steps", r.step());
          case OUT_OF_TOKENS -> format("The token limit ended it after %,d steps", r.step());
          case STOPPED_EARLY ->
              format(
                  "It was ended after %,d steps because the validation loss did not fall any more",
                  r.step());
          case INTERRUPTED -> format("It was interrupted after %,d steps", r.step());
        };
    return end + ", on " + job.data().description() + ".";
  }

  private static Map<String, String> figures(
      TrainJob job, ModelSize size, TrainResult r, StepMetrics last) {
    Map<String, String> rows = new LinkedHashMap<>();
    if (!Double.isNaN(r.validationLoss())) {
      rows.put("Validation loss", format("%.4f nats per token", r.validationLoss()));
      rows.put("Validation perplexity", format("%.2f", Math.exp(r.validationLoss())));
      if (job.config().data().tokenizer().equals("bytes")) {
        rows.put("Bits per byte", format("%.3f", r.validationLoss() / Math.log(2)));
      }
    }
    if (!Double.isNaN(r.floor())) {
      rows.put("Least possible loss", format("%.4f nats per token", r.floor()));
    }
    if (last.trainLoss() != null) {
      rows.put("Loss of the last batch", format("%.4f nats per token", last.trainLoss()));
    }
    rows.put("Tokens seen", format("%,d", r.tokens()));
    rows.put("Time", format("%.1f minutes", r.seconds() / 60));
    rows.put("Speed", format("%,.0f tokens per second, all included", r.tokens() / r.seconds()));
    rows.put(
        "Parameters",
        format("%,d, of which a token uses %,d", size.parameters(), size.activeParameters()));
    if (last.routerEntropy() != null) {
      rows.put(
          "Router entropy",
          format(
              "%.3f nats (%.3f is an even choice)",
              last.routerEntropy(), Math.log(job.config().model().nExperts())));
      rows.put(
          "Busiest expert",
          format(
              "%.0f %% above the mean load", 100 * ExpertLoad.maxViolation(last.expertCounts())));
    }
    return rows;
  }

  private static String millions(long n) {
    return n >= 1_000_000 ? format("%.1f million", n / 1e6) : format("%,d", n);
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a library of its own
  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
