package io.manifoldmuon.model.train;

import io.manifoldmuon.model.train.LearningRateSearch.Point;
import io.manifoldmuon.model.train.LearningRateSearch.Result;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Draws the losses of a {@link LearningRateSearch} over the factor, as an SVG file. */
public final class LearningRateCurve {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 400;
  private static final int MARGIN = 50;

  private static final String HEAD =
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" \
      aria-label="Loss over the factor on all learning rates">
      <style>svg { background: #fff; font: 12px system-ui, sans-serif; color-scheme: light dark; }
      text { fill: #5a6472; } .middle { text-anchor: middle; } .end { text-anchor: end; }
      polyline { fill: none; } .loss { stroke: #7aa7d9; } .smooth { stroke: #1b4f8a; stroke-width: 2; }
      .grid { stroke: #d8dde3; } .steepest { stroke: #c2410c; stroke-dasharray: 5 4; }
      @media (prefers-color-scheme: dark) { svg { background: #14181d; } text { fill: #9aa5b1; }
        .smooth { stroke: #9cc4f0; } .grid { stroke: #363d46; } }</style>
      """;

  private final StringBuilder svg = new StringBuilder();
  private final List<Point> points;
  private final double first;
  private final double last;
  private final double low;
  private final double high;

  private LearningRateCurve(List<Point> points) {
    this.points = points;
    this.first = Math.log10(points.getFirst().factor());
    this.last = Math.max(first + 1e-9, Math.log10(points.getLast().factor()));
    double least = points.stream().mapToDouble(Point::loss).min().orElse(0);
    double most = points.stream().mapToDouble(Point::smoothed).max().orElse(1);
    double margin = Math.max(0.05 * (most - least), 1e-3);
    this.low = least - margin;
    this.high = most + margin;
  }

  /** The drawing. */
  public static String svg(Result result) {
    return new LearningRateCurve(result.points()).draw(result);
  }

  private String draw(Result result) {
    add(HEAD, WIDTH, HEIGHT);
    for (int power = (int) Math.ceil(first); power <= last; power++) {
      double x = x(Math.pow(10, power));
      line("grid", x, x, MARGIN, HEIGHT - MARGIN);
      add(
          "<text class=\"middle\" x=\"%.1f\" y=\"%d\">%s</text>%n",
          x, HEIGHT - MARGIN + 18, power < 0 ? Double.toString(Math.pow(10, power)) : "1e" + power);
    }
    for (int i = 0; i <= 4; i++) {
      double loss = low + i * (high - low) / 4;
      line("grid", MARGIN, WIDTH - MARGIN, y(loss), y(loss));
      add("<text class=\"end\" x=\"%d\" y=\"%.1f\">%.3f</text>%n", MARGIN - 6, y(loss) + 4, loss);
    }
    curve("loss", Point::loss);
    curve("smooth", Point::smoothed);
    result
        .steepest()
        .ifPresent(
            factor -> {
              line("steepest", x(factor), x(factor), MARGIN, HEIGHT - MARGIN);
              add(
                  "<text class=\"middle\" x=\"%.1f\" y=\"%d\">steepest at × %.3g</text>%n",
                  x(factor), MARGIN - 8, factor);
            });
    add(
        "<text class=\"middle\" x=\"%d\" y=\"%d\">factor on all learning rates</text>%n</svg>%n",
        WIDTH / 2, HEIGHT - 10);
    return svg.toString();
  }

  private void curve(String kind, ToDoubleFunction<Point> value) {
    add("<polyline class=\"%s\" points=\"", kind);
    points.forEach(p -> add("%.1f,%.1f ", x(p.factor()), y(value.applyAsDouble(p))));
    add("\"/>%n");
  }

  private void line(String kind, double x1, double x2, double y1, double y2) {
    add(
        "<line class=\"%s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>%n",
        kind, x1, x2, y1, y2);
  }

  private double x(double factor) {
    return MARGIN + (Math.log10(factor) - first) / (last - first) * (WIDTH - 2 * MARGIN);
  }

  /** Single losses above the frame are drawn on its edge. */
  private double y(double loss) {
    double shown = Math.min(loss, high);
    return MARGIN + (high - shown) / (high - low) * (HEIGHT - 2 * MARGIN);
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values));
  }
}
