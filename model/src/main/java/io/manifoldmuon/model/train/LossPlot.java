package io.manifoldmuon.model.train;

import io.manifoldmuon.model.train.LossHistory.Point;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Draws losses over steps as an SVG element.
 *
 * <p>The drawing is written by hand, not by a plotting library: those need AWT and fonts, which a
 * machine with only a JDK may lack, and fix the colours, while here the page's style sheet chooses
 * them, light or dark.
 */
final class LossPlot {
  private static final int WIDTH = 480;
  private static final int HEIGHT = 290;
  private static final int LEFT = 40;
  private static final int RIGHT = 14;
  private static final int TOP = 10;
  private static final int BOTTOM = 40;
  private static final int LEGEND = 170;
  private static final int START_SHARE = 20;
  private static final int MOST_POINTS = 800;

  private final StringBuilder svg = new StringBuilder();
  private final double lastStep;
  private final double low;
  private final double high;

  private LossPlot(LossHistory history, double floor) {
    List<Point> all =
        Stream.concat(history.training().stream(), history.validation().stream()).toList();
    lastStep = Math.max(1, all.stream().mapToLong(Point::step).max().orElse(1));
    // the steep beginning is cut off, so that the rest can be told apart
    double most =
        all.stream()
            .filter(p -> p.step() >= lastStep / START_SHARE)
            .mapToDouble(Point::loss)
            .max()
            .orElse(1);
    double least = all.stream().mapToDouble(Point::loss).min().orElse(0);
    least = Double.isNaN(floor) ? least : Math.min(least, floor);
    double margin = Math.max(0.05 * (most - least), 0.01);
    low = Math.max(0, least - margin);
    high = most + margin;
  }

  /**
   * The plot of a run.
   *
   * @param floor the least possible loss, drawn as a line; NaN where it is not known
   */
  static String svg(LossHistory history, double floor) {
    return new LossPlot(history, floor).draw(history, floor);
  }

  private String draw(LossHistory history, double floor) {
    add("<svg class=\"plot\" viewBox=\"0 0 %d %d\" role=\"img\"", WIDTH, HEIGHT);
    add(" aria-label=\"Loss in nats per token over training steps\">\n");
    axes();
    add(
        "<clipPath id=\"inside\"><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/></clipPath>\n",
        LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
    add("<g clip-path=\"url(#inside)\">\n");
    line("train", thin(history.training()));
    line("val", history.validation());
    add("</g>\n");
    for (Point p : history.validation()) {
      add(
          "<circle class=\"val\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>step %d: %.4f</title>"
              + "</circle>\n",
          x((double) p.step()), y(p.loss()), p.step(), p.loss());
    }
    if (!Double.isNaN(floor)) {
      add(
          "<line class=\"floor\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n",
          LEFT, WIDTH - RIGHT, y(floor), y(floor));
    }
    legend(floor);
    return add("</svg>\n").toString();
  }

  private void axes() {
    double dy = tick(high - low);
    for (double v = Math.ceil(low / dy) * dy; v <= high; v += dy) {
      add(
          "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
              + "<text class=\"end\" x=\"%d\" y=\"%.1f\">%s</text>\n",
          LEFT, WIDTH - RIGHT, y(v), y(v), LEFT - 6, y(v) + 4, number(v, dy));
    }
    double dx = Math.max(1, tick(lastStep));
    for (double v = 0; v <= lastStep; v += dx) {
      add(
          "<text class=\"middle\" x=\"%.1f\" y=\"%d\">%.0f</text>\n",
          x(v), HEIGHT - BOTTOM + 17, v);
    }
    add(
        "<text class=\"middle\" x=\"%d\" y=\"%d\">step</text>\n",
        (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8);
  }

  private void legend(double floor) {
    entry(0, "train", "training batch");
    entry(1, "val", "validation");
    if (!Double.isNaN(floor)) {
      entry(2, "floor", "least possible");
    }
  }

  private void entry(int row, String kind, String text) {
    int y = TOP + 14 + 18 * row;
    add(
        "<line class=\"%s\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/><text x=\"%d\" y=\"%d\">%s"
            + "</text>\n",
        kind, WIDTH - LEGEND, WIDTH - LEGEND + 20, y, y, WIDTH - LEGEND + 26, y + 4, text);
  }

  private void line(String kind, List<Point> points) {
    if (points.isEmpty()) {
      return;
    }
    add("<polyline class=\"%s\" points=\"", kind);
    points.forEach(p -> add("%.1f,%.1f ", x((double) p.step()), y(p.loss())));
    add("\"/>\n");
  }

  /** At most {@link #MOST_POINTS}, each the mean of as many neighbours. */
  private static List<Point> thin(List<Point> points) {
    int group = (points.size() + MOST_POINTS - 1) / MOST_POINTS;
    if (group <= 1) {
      return points;
    }
    return Stream.iterate(0, i -> i < points.size(), i -> i + group)
        .map(i -> mean(points.subList(i, Math.min(i + group, points.size()))))
        .toList();
  }

  private static Point mean(List<Point> group) {
    double loss = group.stream().mapToDouble(Point::loss).average().orElseThrow();
    return new Point(group.get(group.size() / 2).step(), loss);
  }

  /** A round distance between about six ticks: 1, 2 or 5 times a power of ten. */
  private static double tick(double span) {
    double rough = span / 6;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double digit = rough / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
  }

  private static String number(double v, double distance) {
    int digits = (int) Math.max(0, Math.ceil(-Math.log10(distance) - 1e-9));
    return String.format(Locale.ROOT, "%." + digits + "f", v);
  }

  private double x(double step) {
    return LEFT + step / lastStep * (WIDTH - LEFT - RIGHT);
  }

  private double y(double loss) {
    return TOP + (high - loss) / (high - low) * (HEIGHT - TOP - BOTTOM);
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a library of its own
  private StringBuilder add(String format, Object... values) {
    return svg.append(String.format(Locale.ROOT, format, values));
  }
}
