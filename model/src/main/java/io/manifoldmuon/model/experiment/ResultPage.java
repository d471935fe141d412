package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.config.YamlSection;
import io.manifoldmuon.model.report.ExperimentPage;
import io.manifoldmuon.model.report.ExperimentPage.Axes;
import io.manifoldmuon.model.report.ExperimentPage.Curve;
import io.manifoldmuon.model.report.ExperimentPage.Figure;
import io.manifoldmuon.model.report.ExperimentPage.Figures;
import io.manifoldmuon.model.report.ExperimentPage.Part;
import io.manifoldmuon.model.report.Series;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Puts together {@code index.html}: curves with bands, tuning curves, tables. */
final class ResultPage {
  private final Results results;
  private final List<Comparison> comparisons;

  ResultPage(Results results, List<Comparison> comparisons) {
    this.results = results;
    this.comparisons = comparisons;
  }

  ExperimentPage.View view(List<String> sentences, ResultTables tables) {
    Definition d = results.plan().definition();
    List<String> words = new ArrayList<>(sentences);
    words.add(ResultText.budget(results.plan()));
    List<Part> parts = new ArrayList<>(tables.answers());
    comparisons.forEach(c -> parts.add(curves(c)));
    Figures tuning = tuning();
    if (!tuning.figures().isEmpty()) {
      parts.add(tuning);
    }
    parts.addAll(tables.details());
    return new ExperimentPage.View(
        d.name(), d.question(), words, parts, YamlSection.write(d.tree()));
  }

  private int colour(Definition.Arm arm) {
    return results.plan().definition().arms().indexOf(arm);
  }

  // ---- over a run ---------------------------------------------------------------------------

  private Figures curves(Comparison c) {
    String where = c.in().name().isEmpty() ? "" : ": " + c.in().name();
    String id = c.in().name().isEmpty() ? "all" : "case" + comparisons.indexOf(c);
    String note = "Mean over seeds; the band is ± one standard error.";
    return new Figures(
        "Curves" + where,
        List.of(
            figure(
                id,
                c,
                "val_loss",
                "step",
                "Validation loss",
                "nats per token",
                note,
                Axes.WITHOUT_START),
            figure(
                id,
                c,
                "val_loss",
                "total_seconds",
                "Validation loss over time",
                "nats per token",
                "Means over seeds of loss and time at the same steps.",
                Axes.WITHOUT_START),
            figure(
                id,
                c,
                "train_loss",
                "step",
                "Training loss",
                "nats per token",
                note,
                Axes.WITHOUT_START),
            figure(
                id,
                c,
                "grad_norm",
                "step",
                "Gradient norm",
                "before clipping",
                note,
                Axes.LOGARITHMIC_Y),
            figure(
                id,
                c,
                "constraint_max",
                "step",
                "Constraint residual",
                "largest",
                note,
                Axes.LOGARITHMIC_Y),
            figure(
                id,
                c,
                "dual_gap",
                "step",
                "Dual gap",
                "largest, relative",
                note,
                Axes.LOGARITHMIC_Y),
            figure(id, c, "router_entropy", "step", "Router entropy", "nats", note, Axes.EVEN),
            figure(
                id,
                c,
                "max_violation_load",
                "step",
                "Busiest expert",
                "load over mean, less 1",
                note,
                Axes.EVEN)));
  }

  private Figure figure(
      String id,
      Comparison c,
      String metric,
      String nameOfX,
      String title,
      String unit,
      String note,
      Axes axes) {
    List<Curve> curves = new ArrayList<>();
    for (Comparison.Row r : c.arms()) {
      Curve curve = mean(r, metric, nameOfX);
      if (curve.x().length > 0) {
        curves.add(curve);
      }
    }
    return new Figure(
        (id + "-" + metric + "-" + nameOfX).replace('_', '-'),
        title,
        unit,
        note,
        nameOfX.equals("total_seconds") ? "seconds" : nameOfX,
        axes,
        curves);
  }

  /** The mean over the runs of an arm at the steps that all of them have. */
  private Curve mean(Comparison.Row row, String metric, String nameOfX) {
    Map<Double, List<double[]>> byStep = new TreeMap<>();
    List<RunRecord> whole = row.runs().stream().filter(r -> !r.outcome().diverged()).toList();
    for (RunRecord run : whole) {
      Series y = run.data().metrics().series(metric);
      Map<Double, Double> places = places(run, nameOfX, y);
      for (int i = 0; i < y.x().length; i++) {
        if (places.containsKey(y.x()[i])) {
          byStep
              .computeIfAbsent(y.x()[i], _ -> new ArrayList<>())
              .add(new double[] {places.get(y.x()[i]), y.y()[i]});
        }
      }
    }
    List<List<double[]>> points =
        byStep.values().stream().filter(v -> v.size() == whole.size()).toList();
    double[] x = new double[points.size()];
    double[] mean = new double[points.size()];
    double[] half = new double[points.size()];
    for (int i = 0; i < x.length; i++) {
      List<double[]> at = points.get(i);
      x[i] = at.stream().mapToDouble(p -> p[0]).average().orElseThrow();
      Statistics.Sample s = Statistics.Sample.of(at.stream().map(p -> p[1]).toList());
      mean[i] = s.mean();
      half[i] = s.standardError();
    }
    return new Curve(row.arm().name(), colour(row.arm()), x, mean, half);
  }

  /** The places of a metric's values by step. */
  private static Map<Double, Double> places(RunRecord run, String nameOfX, Series steps) {
    Map<Double, Double> places = new TreeMap<>();
    if (nameOfX.equals("step")) {
      Arrays.stream(steps.x()).forEach(s -> places.put(s, s));
      return places;
    }
    Series there = run.data().metrics().series(nameOfX);
    for (int i = 0; i < there.x().length; i++) {
      places.put(there.x()[i], there.y()[i]);
    }
    return places;
  }

  // ---- tuning -------------------------------------------------------------------------------

  /** Loss against the first axis of each grid, a curve for every value of the other axes. */
  private Figures tuning() {
    List<Figure> figures = new ArrayList<>();
    for (Definition.Case in : results.plan().definition().cases()) {
      List<Curve> curves = new ArrayList<>();
      boolean positive = true;
      for (Choice choice : results.choices()) {
        if (choice.in().equals(in)) {
          List<Curve> own = curves(choice);
          positive &= own.stream().allMatch(c -> Arrays.stream(c.x()).allMatch(v -> v > 0));
          curves.addAll(own);
        }
      }
      if (!curves.isEmpty()) {
        figures.add(
            new Figure(
                "tuning-" + figures.size(),
                "Loss against what was tuned" + (in.name().isEmpty() ? "" : ": " + in.name()),
                "nats per token",
                "Mean over the tuning seeds ± standard error; settings that diverge are left out."
                    + " The horizontal axis is the first number of each arm's grid.",
                "value",
                positive ? Axes.LOGARITHMIC_X : Axes.EVEN,
                curves));
      }
    }
    return new Figures("Tuning", figures);
  }

  private List<Curve> curves(Choice choice) {
    Map<String, List<Choice.Tried>> byOthers = new java.util.LinkedHashMap<>();
    List<Grid.Axis> axes = choice.arm().grid().axes();
    String first = axes.getFirst().keys().getFirst();
    for (Choice.Tried t : choice.tried()) {
      double x = Grid.number(t.point().settings().values().get(first));
      if (t.loss().n() > 0 && t.diverged() == 0 && Double.isFinite(x)) {
        StringBuilder name = new StringBuilder(choice.arm().name());
        for (Grid.Axis axis : axes.subList(1, axes.size())) {
          String value = t.point().settings().values().get(axis.keys().getFirst());
          name.append(", ").append(axis.shortName()).append(' ').append(value);
        }
        byOthers.computeIfAbsent(name.toString(), _ -> new ArrayList<>()).add(t);
      }
    }
    List<Curve> curves = new ArrayList<>();
    byOthers.forEach((name, tried) -> curves.add(curve(name, choice.arm(), first, tried)));
    return curves;
  }

  private Curve curve(String name, Definition.Arm arm, String key, List<Choice.Tried> tried) {
    List<Choice.Tried> sorted =
        tried.stream()
            .sorted(
                java.util.Comparator.comparingDouble(
                    t -> Grid.number(t.point().settings().values().get(key))))
            .toList();
    return new Curve(
        name,
        colour(arm),
        sorted.stream()
            .mapToDouble(t -> Grid.number(t.point().settings().values().get(key)))
            .toArray(),
        sorted.stream().mapToDouble(t -> t.loss().mean()).toArray(),
        sorted.stream().mapToDouble(t -> t.loss().standardError()).toArray());
  }
}
