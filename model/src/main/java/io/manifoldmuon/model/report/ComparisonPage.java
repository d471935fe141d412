package io.manifoldmuon.model.report;

import io.manifoldmuon.model.report.LineChart.Line;
import io.manifoldmuon.model.report.LineChart.Scale;
import io.manifoldmuon.model.report.Page.Cell;
import io.manifoldmuon.model.report.RunData.Sample;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** One page that lays several runs side by side. */
final class ComparisonPage {
  private static final int COLOURS = 7;

  private final List<RunData> runs;
  private final List<String> names;

  private ComparisonPage(List<RunData> runs) {
    this.runs = runs;
    this.names = names(runs);
  }

  /** The page as HTML. */
  static String html(List<RunData> runs) {
    return new ComparisonPage(runs).page();
  }

  /** The folders' names, or their paths where names are equal. */
  private static List<String> names(List<RunData> runs) {
    boolean distinct = runs.stream().map(RunData::name).distinct().count() == runs.size();
    return runs.stream().map(r -> distinct ? r.name() : r.folder().toString()).toList();
  }

  /** The colour of a run; after seven, the same again with dashes. */
  private static String style(int run) {
    return "c" + run % COLOURS + (run / COLOURS % 2 == 1 ? " dash" : "");
  }

  private String page() {
    Page page = new Page(NumberText.count(runs.size(), "run")).lead(String.join(", ", names));
    page.heading("Results").table(heads(), rows(), styles());
    for (Chart chart : charts(validation())) {
      page.heading("Loss").wide(chart);
    }
    page.charts("Loss over tokens and time", charts(overTokens(), overTime()))
        .charts(
            "Optimization",
            charts(
                training(),
                of("learning-rate", "Learning rate", "base rate", Scale.FROM_ZERO, "lr"),
                of(
                    "gradient-norm",
                    "Gradient norm",
                    "before clipping",
                    Scale.LOGARITHMIC,
                    "grad_norm"),
                of("step-time", "Time of a step", "milliseconds", Scale.FROM_ZERO, "step_ms")))
        .charts(
            "Manifolds and experts",
            charts(
                of(
                    "constraint",
                    "Constraint residual",
                    "largest",
                    Scale.LOGARITHMIC,
                    "constraint_max"),
                of("dual-gap", "Dual gap", "largest, relative", Scale.LOGARITHMIC, "dual_gap"),
                of("router-entropy", "Router entropy", "nats", Scale.EVEN, "router_entropy"),
                of(
                    "busiest-expert",
                    "Busiest expert",
                    "load over mean, less 1",
                    Scale.FROM_ZERO,
                    "max_violation_load")));
    differences(page);
    samples(page);
    return page.end();
  }

  private List<String> styles() {
    List<String> styles = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      styles.add(style(i));
    }
    return styles;
  }

  // ---- the table ----------------------------------------------------------------------------

  private static List<String> heads() {
    return List.of(
        "Run",
        "Validation loss",
        "Best",
        "at step",
        "Steps",
        "Tokens",
        "Time",
        "Tokens/s",
        "Step, ms",
        "Constraint",
        "Ended");
  }

  private List<List<Cell>> rows() {
    double best = least(RunFigures::validationLoss);
    double lowest = least(RunFigures::bestLoss);
    List<List<Cell>> rows = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      RunFigures f = new RunFigures(runs.get(i));
      rows.add(
          List.of(
              new Cell(names.get(i), ""),
              number(f.validationLoss(), 5, best),
              number(f.bestLoss(), 5, lowest),
              new Cell(f.bestStep() == 0 ? "–" : Long.toString(f.bestStep()), "number"),
              new Cell(Long.toString(f.steps()), "number"),
              new Cell(Double.isFinite(f.tokens()) ? NumberText.count(f.tokens()) : "–", "number"),
              new Cell(f.seconds() > 0 ? NumberText.duration(f.seconds()) : "–", "number"),
              number(f.tokensPerSecond(), 4, Double.NaN),
              number(f.stepMilliseconds(), 3, Double.NaN),
              number(f.worstConstraint(), 2, Double.NaN),
              new Cell(f.outcome(), "")));
    }
    return rows;
  }

  private double least(ToDoubleFunction<RunFigures> figure) {
    return runs.stream()
        .map(RunFigures::new)
        .mapToDouble(figure)
        .filter(Double::isFinite)
        .min()
        .orElse(Double.NaN);
  }

  private static Cell number(double x, int digits, double best) {
    String text = Double.isFinite(x) ? NumberText.of(x, digits) : "–";
    return new Cell(text, x == best ? "number best" : "number");
  }

  // ---- the drawings -------------------------------------------------------------------------

  private LineChart of(String id, String title, String unit, Scale scale, String metric) {
    return lines(id, title, unit, scale, "step", metric, false, false);
  }

  private LineChart lines(
      String id,
      String title,
      String unit,
      Scale scale,
      String nameOfX,
      String metric,
      boolean smooth,
      boolean dots) {
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      Series s = runs.get(i).metrics().series(nameOfX, metric);
      lines.add(new Line(names.get(i), style(i), dots, smooth ? s.smoothed() : s));
    }
    return LineChart.of(id, title, unit, "", scale, lines)
        .over(nameOfX.equals("total_seconds") ? "seconds" : nameOfX);
  }

  private LineChart validation() {
    return lines(
        "loss",
        "Validation loss",
        "nats per token",
        Scale.WITHOUT_START,
        "step",
        "val_loss",
        false,
        true);
  }

  private LineChart overTokens() {
    return lines(
        "loss-tokens",
        "Validation loss over tokens",
        "nats per token",
        Scale.WITHOUT_START,
        "tokens",
        "val_loss",
        false,
        true);
  }

  private LineChart overTime() {
    return lines(
        "loss-time",
        "Validation loss over time",
        "nats per token",
        Scale.WITHOUT_START,
        "total_seconds",
        "val_loss",
        false,
        true);
  }

  private LineChart training() {
    return lines(
        "train-loss",
        "Training loss, smoothed",
        "nats per token",
        Scale.WITHOUT_START,
        "step",
        "train_loss",
        true,
        false);
  }

  private static List<Chart> charts(LineChart... charts) {
    return Stream.of(charts).filter(c -> !c.isEmpty()).map(c -> (Chart) c).toList();
  }

  // ---- the rest -----------------------------------------------------------------------------

  private void differences(Page page) {
    Set<String> keys = new LinkedHashSet<>();
    runs.forEach(r -> keys.addAll(r.config().keySet()));
    List<List<Cell>> rows = new ArrayList<>();
    for (String key : keys) {
      List<String> values = runs.stream().map(r -> r.config().get(key)).toList();
      if (values.stream().distinct().count() > 1) {
        List<Cell> row = new ArrayList<>();
        row.add(new Cell(key, ""));
        values.forEach(v -> row.add(new Cell(Objects.requireNonNullElse(v, "–"), "")));
        rows.add(row);
      }
    }
    if (!rows.isEmpty()) {
      List<String> heads = new ArrayList<>(List.of("Key"));
      heads.addAll(names);
      page.heading("What the configurations differ in").table(heads, rows, List.of());
    }
  }

  private void samples(Page page) {
    if (runs.stream().allMatch(r -> r.samples().isEmpty())) {
      return;
    }
    page.heading("How they write in the end").samples();
    for (int i = 0; i < runs.size(); i++) {
      if (!runs.get(i).samples().isEmpty()) {
        Sample s = runs.get(i).samples().getLast();
        page.sample(names.get(i), "after step " + s.step(), s.prompt(), s.text(), true);
      }
    }
    page.endSamples();
  }
}
