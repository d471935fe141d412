package io.manifoldmuon.model.report;

import io.manifoldmuon.model.report.LineChart.Band;
import io.manifoldmuon.model.report.LineChart.Level;
import io.manifoldmuon.model.report.LineChart.Line;
import io.manifoldmuon.model.report.LineChart.Scale;
import io.manifoldmuon.optim.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The drawings of one run; those without numbers are left out. */
final class RunCharts {
  private final RunData run;
  private final MetricTable metrics;

  RunCharts(RunData run) {
    this.run = run;
    this.metrics = run.metrics();
  }

  /** The roles of parameters, in the order of the legend, each with its colour. */
  private static Map<String, String> groups() {
    Map<String, String> styles = new LinkedHashMap<>();
    for (Role role : Role.values()) {
      styles.put(role.tag(), "c" + styles.size());
    }
    return styles;
  }

  /** Training and validation. */
  Optional<Chart> loss() {
    Series train = metrics.series("train_loss");
    List<Line> lines = new ArrayList<>();
    lines.add(new Line("training batch", "c0 faint", false, train));
    if (train.x().length >= 10) {
      lines.add(new Line("training, smoothed", "c0", false, train.smoothed()));
    }
    lines.add(new Line("validation", "c1 thick", true, metrics.series("val_loss")));
    LineChart chart =
        LineChart.of(
            "loss",
            "Loss",
            "nats per token",
            "Mean cross-entropy. The steep beginning may leave the frame.",
            Scale.WITHOUT_START,
            lines);
    if (run.floor().isPresent()) {
      chart = chart.with(new Level("least possible", run.floor().getAsDouble()));
    }
    return shown(chart);
  }

  /** Learning rate, gradient norm and times. */
  List<Chart> optimization() {
    LineChart gradient =
        one("gradient-norm", "Gradient norm", "before clipping", Scale.LOGARITHMIC, "grad_norm");
    double clip = run.number("train.grad_clip");
    return Stream.of(
            shown(one("learning-rate", "Learning rate", "base rate", Scale.FROM_ZERO, "lr")),
            shown(
                clip > 0 && !gradient.isEmpty()
                    ? gradient.with(new Level("clipped above", clip))
                    : gradient),
            phases(),
            shown(
                one(
                    "speed",
                    "Speed",
                    "training tokens per second",
                    Scale.FROM_ZERO,
                    "tokens_per_s")))
        .flatMap(Optional::stream)
        .toList();
  }

  private LineChart one(String id, String title, String unit, Scale scale, String metric) {
    var line =
        new Line(title.toLowerCase(java.util.Locale.ROOT), "c0", false, metrics.series(metric));
    return LineChart.of(id, title, unit, "", scale, List.of(line));
  }

  private Optional<Chart> phases() {
    Series step = metrics.series("step_ms");
    List<StackChart.Part> parts = new ArrayList<>();
    double[] rest = step.y().clone();
    String[] names = {"forward", "backward", "optimizer"};
    for (int i = 0; i < names.length; i++) {
      Series part = metrics.series(names[i] + "_ms");
      if (!Arrays.equals(part.x(), step.x())) {
        return Optional.empty();
      }
      for (int j = 0; j < rest.length; j++) {
        rest[j] -= part.y()[j];
      }
      parts.add(new StackChart.Part(names[i], "c" + i, part));
    }
    double[] other = Arrays.stream(rest).map(x -> Math.max(0, x)).toArray();
    parts.add(new StackChart.Part("other", "c6", new Series(step.x(), other)));
    StackChart chart =
        new StackChart(
            "phases",
            "Time of a step by phase",
            "milliseconds",
            "“other” is the batch, transfers and what lies between the phases.",
            parts);
    return chart.isEmpty() ? Optional.empty() : Optional.of(chart);
  }

  /** How well the weights stay on their manifolds, and how well the steps are solved. */
  List<Chart> manifold() {
    LineChart residual =
        LineChart.of(
            "constraint",
            "Constraint residual by group",
            "largest",
            "max|WᵀW/s² − I| of matrices, max|‖row‖ − 1| of vectors, after the step.",
            Scale.LOGARITHMIC,
            byGroup("constraint_max"));
    LineChart gap =
        LineChart.of(
            "dual-gap",
            "Dual gap by group",
            "largest, relative",
            "How far a step is from the best one inside the tangent space, at most; at validations.",
            Scale.LOGARITHMIC,
            byGroup("dual_gap"));
    LineChart tangency =
        LineChart.of(
            "tangency",
            "Tangency residual by group",
            "largest",
            "How far the solver’s step leaves the tangent space, ‖WᵀA + AᵀW‖ over k columns.",
            Scale.LOGARITHMIC,
            byGroup("tangency"));
    return Stream.of(shown(residual), shown(bands()), shown(gap), shown(tangency))
        .flatMap(Optional::stream)
        .toList();
  }

  private List<Line> byGroup(String metric) {
    List<Line> lines = new ArrayList<>();
    groups()
        .forEach(
            (group, style) -> {
              Series s = metrics.series("groups." + group + "." + metric);
              lines.add(new Line(group, style, false, s));
            });
    return lines;
  }

  private LineChart bands() {
    List<Band> bands = new ArrayList<>();
    groups()
        .forEach(
            (group, style) -> {
              Series low = lessOne(metrics.series("groups." + group + ".sigma_min"));
              Series high = lessOne(metrics.series("groups." + group + ".sigma_max"));
              if (Arrays.equals(low.x(), high.x())) {
                bands.add(new Band(group, style, low, high));
              }
            });
    return new LineChart(
        "singular-values",
        "Band of singular values by group",
        "σ/s − 1",
        "All singular values lie inside the band; 0 is the manifold.",
        "step",
        List.of(),
        bands,
        List.of(),
        Scale.EVEN,
        false);
  }

  private static Series lessOne(Series s) {
    return new Series(s.x(), Arrays.stream(s.y()).map(v -> v - 1).toArray());
  }

  /** What the routers do. */
  List<Chart> experts() {
    LineChart entropy =
        one("router-entropy", "Router entropy", "nats", Scale.EVEN, "router_entropy");
    double experts = run.number("model.n_experts");
    if (experts > 1 && !entropy.isEmpty()) {
      entropy = entropy.with(new Level("an even choice", Math.log(experts)));
    }
    LineChart busiest =
        one(
            "busiest-expert",
            "Busiest expert",
            "load over mean, less 1",
            Scale.FROM_ZERO,
            "max_violation_load");
    return Stream.of(shown(entropy), shown(busiest)).flatMap(Optional::stream).toList();
  }

  /** The load of every expert. */
  Optional<Chart> heatMap() {
    int layers = count("expert_load.", ".0");
    int experts = count("expert_load.0.", "");
    if (layers == 0 || experts == 0) {
      return Optional.empty();
    }
    double[] x = metrics.series("expert_load.0.0").x();
    double[][] loads = new double[layers * experts][];
    for (int row = 0; row < loads.length; row++) {
      Series s = metrics.series("expert_load." + row / experts + "." + row % experts);
      if (!Arrays.equals(s.x(), x)) {
        return Optional.empty();
      }
      loads[row] = s.y();
    }
    return Optional.of(
        new HeatMap(
            "expert-load",
            "Load of the experts",
            "tokens over the layer’s mean",
            "One row an expert, in its layer’s block.",
            layers,
            experts,
            x,
            loads));
  }

  /** How many of {@code before0after}, {@code before1after}, … the run has. */
  private int count(String before, String after) {
    int n = 0;
    while (metrics.names().contains(before + n + after)) {
      n++;
    }
    return n;
  }

  /** Every drawing. */
  List<Chart> all() {
    return Stream.of(
            loss().stream(),
            optimization().stream(),
            manifold().stream(),
            heatMap().stream(),
            experts().stream())
        .flatMap(s -> s)
        .toList();
  }

  private static Optional<Chart> shown(LineChart chart) {
    return chart.isEmpty() ? Optional.empty() : Optional.of(chart);
  }
}
