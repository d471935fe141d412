package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.experiment.Definition.Limit;
import io.manifoldmuon.model.report.ExperimentPage.Table;
import java.util.ArrayList;
import java.util.List;

/** The tables that text and page share. */
final class ResultTables {
  private static final int DECIMALS = 4;

  private final Results results;
  private final List<Comparison> comparisons;

  ResultTables(Results results, List<Comparison> comparisons) {
    this.results = results;
    this.comparisons = comparisons;
  }

  private static String heading(String what, Comparison c) {
    return c.in().name().isEmpty() ? what : what + ": " + c.in().name();
  }

  // ---- losses -------------------------------------------------------------------------------

  /** Losses with differences and what they are worth. */
  Table losses(Comparison c) {
    List<List<String>> rows = new ArrayList<>();
    for (Comparison.Row r : c.arms()) {
      List<String> row = new ArrayList<>();
      row.add(r.arm().name());
      row.add(Words.of(r.loss(), DECIMALS));
      row.add(r.loss().n() + diverged(r.diverged()));
      if (r.test() == null) {
        row.addAll(List.of("–", "–", "–", "–", "–"));
      } else {
        Statistics.Sample d = r.test().difference();
        row.add(d.n() == 0 ? "–" : Words.signed(d, DECIMALS));
        row.add(
            Double.isNaN(r.test().halfWidth())
                ? "–"
                : "± " + Words.fixed(r.test().halfWidth(), DECIMALS));
        row.add(Words.probability(r.test().p()));
        row.add(Words.probability(r.corrected()));
        row.add(Words.percent(Math.expm1(d.mean())));
      }
      row.add(share(r));
      row.add(r.verdict());
      rows.add(row);
    }
    return new Table(
        heading("Validation loss", c),
        "Nats per token after the last step: mean ± standard error over n seeds; difference to "
            + against(c)
            + " seed by seed, with its standard error and 95 % interval; two-sided paired t-test,"
            + " p corrected over the arms by Holm; verdict at 0.05. Steps: share of the run until"
            + " the loss was the final mean loss of that arm.",
        List.of(
            "arm",
            "loss",
            "n",
            "difference",
            "95 %",
            "p",
            "p (Holm)",
            "perplexity",
            "steps",
            "verdict"),
        rows,
        1);
  }

  private static String diverged(long runs) {
    return runs > 0 ? " (" + runs + " diverged)" : "";
  }

  private static String against(Comparison c) {
    List<String> names = c.arms().stream().map(r -> r.arm().against()).distinct().toList();
    return names.size() == 1
        ? names.getFirst()
        : "the arm that each is compared with (" + String.join(", ", names) + ")";
  }

  private static String share(Comparison.Row r) {
    int of = r.loss().n();
    if (of == 0) {
      return "–";
    }
    if (r.share().n() == 0) {
      return "not reached";
    }
    String mean = Words.fixed(100 * r.share().mean(), 1) + " %";
    return r.share().n() < of ? mean + " (" + r.share().n() + " of " + of + ")" : mean;
  }

  // ---- tuning -------------------------------------------------------------------------------

  /** What was chosen; null where nothing was tuned. */
  Table choices() {
    List<List<String>> rows = new ArrayList<>();
    for (Choice choice : results.choices()) {
      List<String> row = new ArrayList<>();
      row.add(name(choice));
      row.add(
          choice
              .best()
              .map(b -> b.point().settings().words())
              .orElse(choice.complete() ? "none: all diverge" : "not known yet"));
      row.add(choice.edges().isEmpty() ? "" : "at the edge of its grid: the best may be beyond");
      row.add(choice.tried().size() + diverged(choice.diverged()));
      row.add(choice.best().map(b -> Words.of(b.loss(), DECIMALS)).orElse("–"));
      rows.add(row);
    }
    return rows.isEmpty()
        ? null
        : new Table(
            "Settings chosen",
            "By the least mean validation loss over the tuning seeds, which are others than those"
                + " of the main runs; the validation tokens are the same.",
            List.of("arm", "settings", "", "tried", "loss in tuning"),
            rows,
            3);
  }

  private static String name(Choice choice) {
    return choice.in().name().isEmpty()
        ? choice.arm().name()
        : choice.in().name() + ": " + choice.arm().name();
  }

  // ---- the rest -----------------------------------------------------------------------------

  /** Noise of loss and gradient, manifolds, experts. */
  Table stability(Comparison c) {
    List<String> measures =
        List.of(
            "train_loss",
            "train_loss_sd",
            "grad_norm_var",
            "grad_norm_cv2",
            "grad_norm_noise_cv2",
            "constraint_max",
            "dual_gap",
            "router_entropy",
            "busiest_expert");
    List<List<String>> rows = new ArrayList<>();
    for (Comparison.Row r : c.arms()) {
      List<String> row = new ArrayList<>(List.of(r.arm().name()));
      measures.forEach(m -> row.add(Words.brief(r.sample(m))));
      rows.add(row);
    }
    return new Table(
        heading("Stability, manifolds, experts", c),
        "Means ± standard error over seeds. Noise of the training loss and variance of the gradient"
            + " norm are those of the second half of a run; noise is what neighbouring logged steps"
            + " differ by, without the trend; constraint residual and dual gap are the largest of a"
            + " run; the busiest expert's load over the mean, less 1.",
        List.of(
            "arm",
            "train loss",
            "its noise",
            "gradient variance",
            "÷ mean²",
            "of its noise",
            "constraint",
            "dual gap",
            "router entropy",
            "busiest expert"),
        rows,
        1);
  }

  /** Time and operations. */
  Table cost(Comparison c) {
    List<List<String>> rows = new ArrayList<>();
    for (Comparison.Row r : c.arms()) {
      double step = r.sample("step_ms").mean();
      rows.add(
          List.of(
              r.arm().name(),
              Words.brief(r.sample("wall_seconds").mean()),
              Words.brief(step),
              Words.brief(r.sample("optimizer_ms").mean()),
              Words.percent(r.sample("optimizer_ms").mean() / step).replace("+", ""),
              Words.brief(r.sample("flops").mean() / 1e12),
              Words.percent(r.sample("optimizer_flops").mean() / r.sample("flops").mean())
                  .replace("+", ""),
              Words.brief(r.sample("parameters").mean()),
              Words.brief(r.sample("active_parameters").mean())));
    }
    return new Table(
        heading("Time and operations", c),
        "Time depends on what else the machine did; runs side by side share it. Operations are those"
            + " of the products, estimated from the graph.",
        List.of(
            "arm",
            "seconds",
            "step, ms",
            "optimizer, ms",
            "its share",
            "Tflop",
            "optimizer's share",
            "parameters",
            "active"),
        rows,
        1);
  }

  /** The column of {@link #limits} that says whether a limit is kept. */
  static final int KEPT = 3;

  /** What the main runs kept to; null where nothing was asked. */
  Table limits() {
    List<Limit> limits = results.plan().definition().limits();
    List<List<String>> rows = new ArrayList<>();
    for (Limit limit : limits) {
      for (Comparison c : comparisons) {
        for (Comparison.Row r : c.arms()) {
          rows.add(row(limit, c, r));
        }
      }
    }
    return limits.isEmpty()
        ? null
        : new Table(
            "Limits",
            "Over every logged step of every main run.",
            List.of("arm", "metric", "wanted", "kept", "least", "most", "checks"),
            rows,
            4);
  }

  private static List<String> row(Limit limit, Comparison c, Comparison.Row r) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    int checks = 0;
    for (RunRecord run : r.runs()) {
      double here = run.measures().get("checks " + limit.metric());
      if (here > 0) {
        checks += (int) here;
        least = Math.min(least, run.measures().get("least " + limit.metric()));
        most = Math.max(most, run.measures().get("most " + limit.metric()));
      }
    }
    boolean kept = limit.holds(least) && limit.holds(most);
    String arm = c.in().name().isEmpty() ? r.arm().name() : c.in().name() + ": " + r.arm().name();
    return List.of(
        arm,
        limit.metric(),
        limit.words(),
        checks == 0 ? "not measured" : kept ? "yes" : "NO",
        checks == 0 ? "–" : Words.exact(least),
        checks == 0 ? "–" : Words.exact(most),
        Integer.toString(checks));
  }

  /** The answer: losses, and limits where there are some. */
  List<Table> answers() {
    List<Table> all = new ArrayList<>();
    comparisons.forEach(c -> all.add(losses(c)));
    add(all, limits());
    return all;
  }

  /** What else there is to know. */
  List<Table> details() {
    List<Table> all = new ArrayList<>();
    add(all, choices());
    comparisons.forEach(c -> all.add(stability(c)));
    comparisons.forEach(c -> all.add(cost(c)));
    return all;
  }

  private static void add(List<Table> all, Table table) {
    if (table != null) {
      all.add(table);
    }
  }
}
