package io.manifoldmuon.model.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The load of every expert over a run, a row each, as colours around an even share: blue for less,
 * orange for more.
 *
 * @param layers L, groups of rows
 * @param experts E, the rows of a group
 * @param x the places of the columns
 * @param loads the load over its layer's mean, a row an expert, a column a place
 */
@SuppressWarnings("ArrayRecordComponent") // only passed on, never compared
record HeatMap(
    String id,
    String title,
    String unit,
    String note,
    int layers,
    int experts,
    double[] x,
    double[][] loads)
    implements Chart {
  /** The colours, from 0 to twice the mean and more. */
  static final int COLOURS = 11;

  private static final int MOST_COLUMNS = 80;
  private static final int MOST_CELLS = 6000;
  private static final double GAP = 5;

  HeatMap {
    int columns = Math.max(8, Math.min(MOST_COLUMNS, MOST_CELLS / loads.length));
    double[] places = new Series(x, x).thinned(columns).x();
    double[] all = x;
    loads =
        Arrays.stream(loads)
            .map(row -> new Series(all, row).thinned(columns).y())
            .toArray(double[][]::new);
    x = places;
  }

  @Override
  public List<Key> legend() {
    return List.of(
        new Key("cell h0", "none"),
        new Key("cell h2", "half"),
        new Key("cell h5", "an even share"),
        new Key("cell h8", "1.6 times"),
        new Key("cell h10", "twice and more"));
  }

  private double rowHeight(int height) {
    double room = height - Svg.TOP - Svg.BOTTOM - GAP * (layers - 1);
    return room / (layers * experts);
  }

  private double rowTop(int row, int height) {
    int layer = row / experts;
    return Svg.TOP + row * rowHeight(height) + layer * GAP;
  }

  private Axis horizontal(int width) {
    double first = x.length > 1 ? Math.max(0, x[0] - (x[1] - x[0])) : Math.max(0, x[0] - 1);
    return new Axis(first, x[x.length - 1], Svg.LEFT, (double) width - Svg.RIGHT, false);
  }

  @Override
  public void draw(Svg svg, int width, int height) {
    Axis axis = horizontal(width);
    StringBuilder[] cells = new StringBuilder[COLOURS];
    Arrays.setAll(cells, _ -> new StringBuilder());
    double h = rowHeight(height);
    for (int row = 0; row < loads.length; row++) {
      for (int column = 0; column < x.length; column++) {
        double from = axis.at(column == 0 ? axis.low() : x[column - 1]);
        cells[colour(loads[row][column])]
            .append('M')
            .append(Svg.tenth(from))
            .append(' ')
            .append(Svg.tenth(rowTop(row, height)))
            .append('h')
            .append(Svg.tenth(axis.at(x[column]) - from + 0.3)) // no seams
            .append('v')
            .append(Svg.tenth(h))
            .append('H')
            .append(Svg.tenth(from))
            .append('Z');
      }
    }
    for (int i = 0; i < COLOURS; i++) {
      if (!cells[i].isEmpty()) {
        svg.path("cell h" + i, cells[i]);
      }
    }
    labels(svg, axis, width, height);
  }

  private void labels(Svg svg, Axis axis, int width, int height) {
    double h = rowHeight(height);
    int stride = Math.max(1, (int) Math.ceil(14 / (experts * h + GAP)));
    for (int layer = 0; layer < layers; layer += stride) {
      double middle = rowTop(layer * experts, height) + experts * h / 2;
      svg.label("end", Svg.LEFT - 7, middle + 4, "layer " + layer);
    }
    double floor = height - (double) Svg.BOTTOM;
    for (Axis.Tick tick : axis.ticks(Math.max(3, width / 90))) {
      svg.line("axis", axis.at(tick.value()), floor, axis.at(tick.value()), floor + 4);
      svg.label("middle", axis.at(tick.value()), floor + 18, tick.label());
    }
    svg.label("end", Svg.LEFT - 13, floor + 18, "step");
  }

  /** The colour of a load: 0 for none, 5 for the mean, 10 for twice the mean and more. */
  static int colour(double load) {
    return (int) Math.round(Math.clamp(load, 0, 2) / 2 * (COLOURS - 1));
  }

  @Override
  public Map<String, Object> values(int width, int height) {
    Map<String, Object> values = new LinkedHashMap<>(HoverValues.axis("step", horizontal(width)));
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int row = 0; row < loads.length; row++) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("name", "layer " + row / experts + ", expert " + row % experts);
      fields.put("top", rowTop(row, height));
      fields.put("y", HoverValues.numbers(loads[row]));
      rows.add(fields);
    }
    values.put("x", HoverValues.numbers(x));
    values.put("rowHeight", rowHeight(height));
    values.put("rows", rows);
    return values;
  }
}
