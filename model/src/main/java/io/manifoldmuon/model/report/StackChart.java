package io.manifoldmuon.model.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parts of a whole, one upon the other.
 *
 * @param parts from the bottom up, all at the same places, none below 0
 */
record StackChart(String id, String title, String unit, String note, List<Part> parts)
    implements Chart {
  private static final int MOST_POINTS = 300;

  /** A part with the class that styles it. */
  record Part(String name, String style, Series series) {}

  StackChart {
    parts =
        parts.stream().map(p -> new Part(p.name, p.style, p.series.thinned(MOST_POINTS))).toList();
  }

  boolean isEmpty() {
    return parts.isEmpty() || parts.getFirst().series.isEmpty();
  }

  @Override
  public List<Key> legend() {
    return parts.reversed().stream().map(p -> new Key("part " + p.style, p.name)).toList();
  }

  /** The sum of the parts below each, and of all: one curve more than parts. */
  private List<Series> sums() {
    double[] x = parts.getFirst().series.x();
    List<Series> sums = new ArrayList<>();
    double[] sum = new double[x.length];
    sums.add(new Series(x, sum));
    for (Part p : parts) {
      sum = sum.clone();
      for (int i = 0; i < sum.length; i++) {
        sum[i] += p.series.y()[i];
      }
      sums.add(new Series(x, sum));
    }
    return sums;
  }

  private Axis horizontal(int width) {
    double[] x = parts.getFirst().series.x();
    double last = x[x.length - 1];
    double from = x[0] < last / 4 && x.length > 1 ? 0 : x[0];
    return new Axis(
        from, last > from ? last : from + 1, Svg.LEFT, (double) width - Svg.RIGHT, false);
  }

  @Override
  public void draw(Svg svg, int width, int height) {
    List<Series> sums = sums();
    Axis x = horizontal(width);
    double high = Math.max(1e-9, top(sums.getLast()));
    Axis y = new Axis(0, high, height - (double) Svg.BOTTOM, Svg.TOP, false);
    svg.axes(x, y, "step", width, height);
    svg.clip(id + "-frame-" + width, width, height);
    for (int i = 0; i < parts.size(); i++) {
      svg.path("part " + parts.get(i).style, Svg.area(x, y, sums.get(i + 1), sums.get(i)));
    }
    svg.endClip();
  }

  /** The first steps of a process are slow: they may leave the frame. */
  private static double top(Series total) {
    double[] sorted = total.y().clone();
    Arrays.sort(sorted);
    double usual = sorted[(int) (0.95 * (sorted.length - 1))];
    return 1.08 * Math.min(total.max(), 1.25 * usual);
  }

  @Override
  public Map<String, Object> values(int width, int height) {
    Map<String, Object> values = new LinkedHashMap<>(HoverValues.axis("step", horizontal(width)));
    List<Map<String, Object>> series = new ArrayList<>();
    parts.forEach(p -> series.add(HoverValues.series(p.name, p.style, p.series)));
    Collections.reverse(series);
    values.put("series", series);
    return values;
  }
}
