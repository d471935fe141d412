package io.manifoldmuon.model.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The lines of {@code metrics.jsonl} as numbers under flat names: {@code
 * groups.attention.dual_gap}, {@code expert_load.0.3}. A line takes the place of all earlier ones
 * of its step and later: a run that was resumed from an older checkpoint wrote them anew.
 */
public final class MetricTable {
  private static final String STEP = "step";

  private final List<Map<String, Double>> rows = new ArrayList<>();
  private final Set<String> names = new TreeSet<>();

  /** A table of rows in the order of their {@code step}, which each has. */
  public static MetricTable of(List<Map<String, Double>> rows) {
    MetricTable table = new MetricTable();
    for (Map<String, Double> row : rows) {
      table.rows.add(Map.copyOf(row));
      table.names.addAll(row.keySet());
    }
    return table;
  }

  /** Adds a line; one without a step is left out. */
  void add(JsonNode line) {
    if (!line.path(STEP).isNumber()) {
      return;
    }
    double step = line.path(STEP).doubleValue();
    while (!rows.isEmpty() && rows.getLast().get(STEP) >= step) {
      rows.removeLast();
    }
    Map<String, Double> row = FlatNumbers.of(line);
    rows.add(row);
    names.addAll(row.keySet());
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** The rows in order of their steps. */
  List<Map<String, Double>> rows() {
    return rows;
  }

  /** Every name that some row has, sorted. */
  Set<String> names() {
    return names;
  }

  /** The finite values of a name over the steps. */
  public Series series(String name) {
    return series(STEP, name);
  }

  /** The finite values of a name over those of another that are in the same rows. */
  public Series series(String nameOfX, String name) {
    List<double[]> points = new ArrayList<>();
    for (Map<String, Double> row : rows) {
      Double x = row.get(nameOfX);
      Double y = row.get(name);
      if (x != null && y != null && Double.isFinite(x) && Double.isFinite(y)) {
        points.add(new double[] {x, y});
      }
    }
    return new Series(
        points.stream().mapToDouble(p -> p[0]).toArray(),
        points.stream().mapToDouble(p -> p[1]).toArray());
  }

  /** The last finite value of a name; NaN for none. */
  double last(String name) {
    Series s = series(name);
    return s.isEmpty() ? Double.NaN : s.last();
  }

  /** The last step; 0 of an empty table. */
  public long lastStep() {
    return rows.isEmpty() ? 0 : Math.round(rows.getLast().get(STEP));
  }
}
