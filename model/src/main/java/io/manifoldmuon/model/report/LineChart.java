package io.manifoldmuon.model.report;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Curves over steps, tokens or seconds.
 *
 * @param nameOfX what the horizontal axis counts
 * @param lines the curves, the last on top
 * @param bands areas between two curves, below the lines; one without a name goes with a line
 * @param levels horizontal lines that the curves are compared with
 * @param scale of the vertical axis
 * @param logX whether equal distances of the horizontal axis are equal ratios; all places are above
 *     0 then
 */
record LineChart(
    String id,
    String title,
    String unit,
    String note,
    String nameOfX,
    List<Line> lines,
    List<Band> bands,
    List<Level> levels,
    Scale scale,
    boolean logX)
    implements Chart {
  private static final int MOST_POINTS = 500;
  private static final double START_SHARE = 0.1;
  private static final double MARGIN = 0.06;

  /** How values become heights. */
  enum Scale {
    /** Evenly, with room for all values. */
    EVEN,
    /** Evenly, from 0. */
    FROM_ZERO,
    /** Evenly, for the values after the steep beginning, so that the rest can be told apart. */
    WITHOUT_START,
    /** By the logarithm; values of 0 or below are left out. */
    LOGARITHMIC
  }

  /** A curve with the class that styles it; one with {@code dots} also has its points. */
  record Line(String name, String style, boolean dots, Series series) {}

  /** The area between two curves at the same places. */
  record Band(String name, String style, Series low, Series high) {}

  /** A value worth comparing with. */
  record Level(String name, double value) {}

  LineChart {
    boolean logarithmic = scale == Scale.LOGARITHMIC;
    lines =
        lines.stream()
            .map(l -> logarithmic ? new Line(l.name, l.style, l.dots, l.series.positive()) : l)
            .filter(l -> !l.series.isEmpty())
            .map(l -> new Line(l.name, l.style, l.dots, l.series.thinned(MOST_POINTS)))
            .toList();
    bands =
        bands.stream()
            .filter(b -> !b.low.isEmpty())
            .map(
                b ->
                    new Band(
                        b.name, b.style, b.low.thinned(MOST_POINTS), b.high.thinned(MOST_POINTS)))
            .toList();
    levels =
        levels.stream()
            .filter(l -> Double.isFinite(l.value) && (!logarithmic || l.value > 0))
            .toList();
  }

  /** A chart of lines alone over steps. */
  static LineChart of(
      String id, String title, String unit, String note, Scale scale, List<Line> lines) {
    return new LineChart(id, title, unit, note, "step", lines, List.of(), List.of(), scale, false);
  }

  /** The same with a level. */
  LineChart with(Level level) {
    List<Level> all = new ArrayList<>(levels);
    all.add(level);
    return new LineChart(id, title, unit, note, nameOfX, lines, bands, all, scale, logX);
  }

  /** The same over something other than steps. */
  LineChart over(String name) {
    return new LineChart(id, title, unit, note, name, lines, bands, levels, scale, logX);
  }

  /** The same with a horizontal axis of ratios. */
  LineChart acrossByLogarithm() {
    return new LineChart(id, title, unit, note, nameOfX, lines, bands, levels, scale, true);
  }

  /** Whether there is nothing to draw. */
  boolean isEmpty() {
    return lines.isEmpty() && bands.isEmpty();
  }

  @Override
  public List<Key> legend() {
    List<Key> keys = new ArrayList<>();
    named().forEach(b -> keys.add(new Key("area " + b.style, b.name)));
    lines.forEach(l -> keys.add(new Key(l.style, l.name)));
    levels.forEach(l -> keys.add(new Key("level", l.name + " " + NumberText.brief(l.value))));
    return keys;
  }

  private Stream<Band> named() {
    return bands.stream().filter(b -> !b.name.isEmpty());
  }

  private Stream<Series> all() {
    return Stream.concat(
        lines.stream().map(Line::series), bands.stream().flatMap(b -> Stream.of(b.low, b.high)));
  }

  private Axis horizontal(int width) {
    double last = all().mapToDouble(s -> s.x()[s.x().length - 1]).max().orElse(1);
    double first = all().mapToDouble(s -> s.x()[0]).min().orElse(0);
    if (logX) {
      double margin = Math.max(1.1, Math.pow(last / first, MARGIN));
      return new Axis(first / margin, last * margin, Svg.LEFT, (double) width - Svg.RIGHT, true);
    }
    double from = first < last / 4 ? 0 : first;
    return new Axis(
        from, last > from ? last : from + 1, Svg.LEFT, (double) width - Svg.RIGHT, false);
  }

  private Axis vertical(int height) {
    double floor = height - (double) Svg.BOTTOM;
    DoubleSummaryStatistics range = range();
    double low = range.getMin();
    double high = range.getMax();
    if (scale == Scale.LOGARITHMIC) {
      double margin = Math.max(1.3, Math.pow(high / low, MARGIN));
      return new Axis(low / margin, high * margin, floor, Svg.TOP, true);
    }
    double span = Math.max(high - low, Math.max(1e-12, Math.abs(high) * 1e-3));
    double bottom = scale == Scale.FROM_ZERO ? Math.min(0, low) : low - MARGIN * span;
    bottom = low >= 0 ? Math.max(0, bottom) : bottom;
    return new Axis(bottom, high + MARGIN * span, floor, Svg.TOP, false);
  }

  private DoubleSummaryStatistics range() {
    DoubleSummaryStatistics range = new DoubleSummaryStatistics();
    all().forEach(s -> add(s, range));
    levels.forEach(l -> range.accept(l.value));
    return range;
  }

  /** Takes the values that are to be seen: of a short curve as large a share as of a long one. */
  private void add(Series s, DoubleSummaryStatistics range) {
    double last = s.x()[s.x().length - 1];
    double begin = scale == Scale.WITHOUT_START ? last * START_SHARE : Double.NEGATIVE_INFINITY;
    for (int i = 0; i < s.x().length; i++) {
      if (s.x()[i] >= begin) {
        range.accept(s.y()[i]);
      }
    }
  }

  @Override
  public void draw(Svg svg, int width, int height) {
    Axis x = horizontal(width);
    Axis y = vertical(height);
    svg.axes(x, y, nameOfX, width, height);
    svg.clip(id + "-frame-" + width, width, height);
    for (Band b : bands) {
      svg.path("area " + b.style, Svg.area(x, y, b.high, b.low));
      svg.path("curve " + b.style, Svg.path(x, y, b.low));
      svg.path("curve " + b.style, Svg.path(x, y, b.high));
    }
    levels.forEach(
        l -> svg.line("level", Svg.LEFT, y.at(l.value), (double) width - Svg.RIGHT, y.at(l.value)));
    lines.forEach(l -> svg.path("curve " + l.style, Svg.path(x, y, l.series)));
    lines.stream().filter(l -> l.dots || l.series.x().length == 1).forEach(l -> dots(svg, x, y, l));
    svg.endClip();
  }

  private void dots(Svg svg, Axis x, Axis y, Line line) {
    Series s = line.series;
    for (int i = 0; i < s.x().length; i++) {
      String words =
          line.name
              + " at "
              + nameOfX
              + " "
              + NumberText.of(s.x()[i], 4)
              + ": "
              + NumberText.of(s.y()[i], 5);
      svg.dot("dot " + line.style, x.at(s.x()[i]), y.at(s.y()[i]), words);
    }
  }

  @Override
  public Map<String, Object> values(int width, int height) {
    Axis x = horizontal(width);
    List<Map<String, Object>> series = new ArrayList<>();
    lines.forEach(l -> series.add(HoverValues.series(l.name, l.style, l.series)));
    for (Band b : named().toList()) {
      series.add(HoverValues.series(b.name + ", smallest", b.style, b.low));
      series.add(HoverValues.series(b.name + ", largest", b.style, b.high));
    }
    Map<String, Object> values = new LinkedHashMap<>(HoverValues.axis(nameOfX, x));
    values.put("series", series);
    return values;
  }
}
