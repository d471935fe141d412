package io.manifoldmuon.model.experiment;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * The settings that an arm is tuned over: every combination of the values of its axes.
 *
 * @param axes the first changes slowest
 */
public record Grid(List<Axis> axes) {
  /** Nothing to tune. */
  static final Grid NONE = new Grid(List.of());

  private static final int LONGEST_LABEL = 48;

  public Grid {
    axes = List.copyOf(axes);
  }

  /**
   * One or several keys that always have the same value.
   *
   * @param keys dotted
   * @param values in the order given
   */
  public record Axis(List<String> keys, List<String> values) {
    public Axis {
      keys = List.copyOf(keys);
      values = List.copyOf(values);
    }

    /** The keys as the definition has them. */
    String name() {
      return String.join(", ", keys);
    }

    /** The last word of the first key. */
    String shortName() {
      return keys.getFirst().substring(keys.getFirst().lastIndexOf('.') + 1);
    }
  }

  /**
   * One combination.
   *
   * @param settings what it sets
   * @param label for names of files, empty where there is nothing to tune
   */
  public record Point(Settings settings, String label) {}

  /** Whether there is more than one combination. */
  boolean isTuned() {
    return size() > 1;
  }

  /** How many combinations there are, at least 1. */
  int size() {
    return axes.stream().mapToInt(a -> a.values().size()).reduce(1, Math::multiplyExact);
  }

  /** Every combination, in order. */
  List<Point> points() {
    List<Map<String, String>> all = new ArrayList<>(List.of(Map.of()));
    List<String> labels = new ArrayList<>(List.of(""));
    for (Axis axis : axes) {
      List<Map<String, String>> more = new ArrayList<>();
      List<String> moreLabels = new ArrayList<>();
      for (int i = 0; i < all.size(); i++) {
        for (String value : axis.values()) {
          Map<String, String> point = new LinkedHashMap<>(all.get(i));
          axis.keys().forEach(key -> point.put(key, value));
          more.add(point);
          String part = axis.shortName() + value;
          moreLabels.add(labels.get(i).isEmpty() ? part : labels.get(i) + "-" + part);
        }
      }
      all = more;
      labels = moreLabels;
    }
    List<String> names = labels.stream().map(Grid::fileName).toList();
    boolean distinct = names.stream().distinct().count() == names.size();
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      String label = distinct ? names.get(i) : "point" + (i + 1);
      points.add(new Point(new Settings(all.get(i), "the grid"), isTuned() ? label : ""));
    }
    return points;
  }

  private static String fileName(String label) {
    String safe = label.replaceAll("[^A-Za-z0-9._+-]", "_");
    if (safe.length() <= LONGEST_LABEL) {
      return safe;
    }
    CRC32 sum = new CRC32();
    sum.update(label.getBytes(StandardCharsets.UTF_8));
    return safe.substring(0, LONGEST_LABEL - 9) + "-" + String.format("%08x", sum.getValue());
  }

  /**
   * The axes on whose end a combination lies: the best may be beyond. Axes of fewer than two
   * numbers have no ends.
   */
  List<String> edges(Point point) {
    List<String> edges = new ArrayList<>();
    for (Axis axis : axes) {
      double[] numbers = axis.values().stream().mapToDouble(Grid::number).toArray();
      double here = number(point.settings().values().get(axis.keys().getFirst()));
      double least = java.util.Arrays.stream(numbers).min().orElse(Double.NaN);
      double most = java.util.Arrays.stream(numbers).max().orElse(Double.NaN);
      if (numbers.length >= 2 && least < most && (here == least || here == most)) {
        edges.add(axis.name() + "=" + axis.values().get(indexOf(numbers, here)));
      }
    }
    return edges;
  }

  private static int indexOf(double[] numbers, double x) {
    int i = 0;
    while (numbers[i] != x) {
      i++;
    }
    return i;
  }

  /** The number that a text is, NaN for none. */
  static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
