package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.report.RunData;
import io.manifoldmuon.model.report.Series;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code results.csv}, one line a run, {@code curves.csv}, one line a validation of a run, and
 * {@code summary.csv}, one line an arm of a case.
 */
final class CsvTables {
  static final String RUNS = "results.csv";
  static final String CURVES = "curves.csv";

  /** What curves are drawn of; the first two are places. */
  private static final List<String> CURVED =
      List.of(
          "step",
          "total_seconds",
          "tokens",
          "val_loss",
          "train_loss",
          "grad_norm",
          "constraint_max",
          "dual_gap",
          "router_entropy",
          "max_violation_load");

  private static final List<String> SUMMARIZED =
      List.of(
          "train_loss",
          "train_loss_sd",
          "grad_norm_mean",
          "grad_norm_var",
          "grad_norm_cv2",
          "grad_norm_noise_cv2",
          "constraint_max",
          "dual_gap",
          "router_entropy",
          "busiest_expert",
          "flops",
          "optimizer_flops",
          "wall_seconds",
          "step_ms",
          "optimizer_ms");

  private CsvTables() {}

  /** Every run. */
  static String runs(Results results) {
    StringBuilder csv = new StringBuilder();
    for (RunRecord run : results.runs()) {
      Task t = run.task();
      Map<String, Double> measures = run.measures().values();
      if (csv.isEmpty()) {
        csv.append("run,phase,case,arm,settings,seed,diverged,")
            .append(String.join(",", measures.keySet()))
            .append(",identity,data,engine\n");
      }
      List<String> cells = new ArrayList<>();
      cells.add(ResultFiles.csv(t.folder()));
      cells.add(t.phase().toString());
      cells.add(ResultFiles.csv(t.in().name()));
      cells.add(ResultFiles.csv(t.arm().name()));
      cells.add(
          ResultFiles.csv(t.arm().settings().plus(t.point().orElseThrow().settings()).words()));
      cells.add(Long.toString(t.seed()));
      cells.add(Boolean.toString(run.outcome().diverged()));
      measures.forEach(
          (name, x) ->
              cells.add(
                  ResultFiles.csv(
                      name.equals("val_loss") && run.outcome().diverged() ? Double.NaN : x)));
      cells.add(run.outcome().identity());
      cells.add(run.outcome().data());
      cells.add(ResultFiles.csv(engine(run.data())));
      csv.append(String.join(",", cells)).append('\n');
    }
    return csv.toString();
  }

  /** Every validation of every run. */
  static String curves(Results results) {
    StringBuilder csv = new StringBuilder("run,").append(String.join(",", CURVED)).append('\n');
    for (RunRecord run : results.runs()) {
      List<Map<Double, Double>> columns = CURVED.stream().map(m -> column(run, m)).toList();
      for (double step : run.data().metrics().series("val_loss").x()) {
        csv.append(ResultFiles.csv(run.task().folder()));
        columns.forEach(
            c -> csv.append(',').append(ResultFiles.csv(c.getOrDefault(step, Double.NaN))));
        csv.append('\n');
      }
    }
    return csv.toString();
  }

  private static Map<Double, Double> column(RunRecord run, String metric) {
    Series s = run.data().metrics().series(metric);
    Map<Double, Double> values = new HashMap<>();
    for (int i = 0; i < s.x().length; i++) {
      values.put(s.x()[i], s.y()[i]);
    }
    return values;
  }

  private static String engine(RunData data) {
    return data.sessions().isEmpty()
        ? ""
        : data.sessions().getLast().environment().getOrDefault("Engine", "");
  }

  /** Every arm of every case. */
  static String summary(Results results, List<Comparison> comparisons) {
    StringBuilder csv = new StringBuilder("case,arm,against,settings,tuned_over,at_edge,wanted,n,");
    csv.append("diverged,val_loss,val_loss_sd,val_loss_se,pairs,difference,difference_se,")
        .append("difference_ci95,t,p,p_holm,verdict,perplexity_change,steps_share,steps_share_n");
    SUMMARIZED.forEach(m -> csv.append(',').append(m).append(',').append(m).append("_se"));
    csv.append('\n');
    for (Comparison c : comparisons) {
      for (Comparison.Row r : c.arms()) {
        csv.append(String.join(",", cells(results, c, r))).append('\n');
      }
    }
    return csv.toString();
  }

  private static List<String> cells(Results results, Comparison c, Comparison.Row r) {
    List<String> cells = new ArrayList<>();
    cells.add(ResultFiles.csv(c.in().name()));
    cells.add(r.arm().name());
    cells.add(r.arm().against());
    cells.add(ResultFiles.csv(r.chosen().map(p -> p.settings().words()).orElse("")));
    cells.add(Integer.toString(r.arm().grid().size()));
    cells.add(
        r.arm().isTuned()
            ? ResultFiles.csv(String.join("; ", results.choice(c.in(), r.arm()).edges()))
            : "");
    cells.add(Integer.toString(results.plan().definition().seeds().size()));
    cells.add(Integer.toString(r.loss().n()));
    cells.add(Long.toString(r.diverged()));
    add(cells, r.loss().mean(), r.loss().deviation(), r.loss().standardError());
    if (r.test() == null) {
      cells.addAll(List.of("", "", "", "", "", "", ""));
    } else {
      Statistics.Sample d = r.test().difference();
      add(cells, d.n(), d.mean(), d.standardError(), r.test().halfWidth());
      add(cells, r.test().t(), r.test().p(), r.corrected());
    }
    cells.add(r.verdict());
    add(cells, r.test() == null ? Double.NaN : Math.expm1(r.test().difference().mean()));
    add(cells, r.share().mean(), r.share().n());
    for (String measure : SUMMARIZED) {
      add(cells, r.sample(measure).mean(), r.sample(measure).standardError());
    }
    return cells;
  }

  private static void add(List<String> cells, double... numbers) {
    for (double x : numbers) {
      cells.add(ResultFiles.csv(x));
    }
  }
}
