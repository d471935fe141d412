package io.manifoldmuon.model.report;

import java.util.Locale;

/** Writes SVG elements, with places to a tenth. */
final class Svg {
  static final int LEFT = 54;
  static final int RIGHT = 12;
  static final int TOP = 10;
  static final int BOTTOM = 24;

  /** What a dot at the edge needs beside the frame. */
  private static final int DOT = 4;

  private final StringBuilder text = new StringBuilder();

  /** A line between two points. */
  void line(String style, double x1, double y1, double x2, double y2) {
    add(
        """
        <line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>
        """,
        style, x1, y1, x2, y2);
  }

  /** A label; the style has its alignment. */
  void label(String style, double x, double y, String words) {
    add("<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", style, x, y, Markup.escape(words));
  }

  /** A point with the words that a pointer finds on it. */
  void dot(String style, double x, double y, String words) {
    add(
        "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>%s</title></circle>\n",
        style, x, y, Markup.escape(words));
  }

  /** A shape of the path language. */
  void path(String style, CharSequence path) {
    text.append("<path class=\"").append(style).append("\" d=\"").append(path).append("\"/>\n");
  }

  /** Keeps what follows inside the frame, and dots on its edges whole. */
  void clip(String id, int width, int height) {
    add(
        """
        <clipPath id="%s"><rect x="%d" y="%d" width="%d" height="%d"/></clipPath>
        <g clip-path="url(#%s)">
        """,
        id,
        LEFT - DOT,
        TOP - DOT,
        width - LEFT - RIGHT + 2 * DOT,
        height - TOP - BOTTOM + 2 * DOT,
        id);
  }

  /** Ends {@link #clip}. */
  void endClip() {
    text.append("</g>\n");
  }

  /** Grid and labels of both axes. */
  void axes(Axis x, Axis y, String nameOfX, int width, int height) {
    for (Axis.Tick tick : y.ticks(5)) {
      line("grid", LEFT, y.at(tick.value()), (double) width - RIGHT, y.at(tick.value()));
      label("end", LEFT - 7, y.at(tick.value()) + 4, tick.label());
    }
    double floor = height - BOTTOM;
    line("axis", LEFT, floor, (double) width - RIGHT, floor);
    for (Axis.Tick tick : x.ticks(Math.max(3, width / 90))) {
      line("axis", x.at(tick.value()), floor, x.at(tick.value()), floor + 4);
      label("middle", x.at(tick.value()), floor + 18, tick.label());
    }
    label("end", LEFT - 13, floor + 18, nameOfX);
  }

  /** The path through points, one pair a point. */
  static StringBuilder path(Axis x, Axis y, Series points) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < points.x().length; i++) {
      point(path, i == 0 ? 'M' : 'L', x.at(points.x()[i]), y.at(points.y()[i]));
    }
    return path;
  }

  /** The path around what is between two curves at the same places. */
  static StringBuilder area(Axis x, Axis y, Series high, Series low) {
    StringBuilder path = path(x, y, high);
    for (int i = low.x().length - 1; i >= 0; i--) {
      point(path, 'L', x.at(low.x()[i]), y.at(low.y()[i]));
    }
    return path.append('Z');
  }

  private static void point(StringBuilder path, char command, double x, double y) {
    path.append(command).append(tenth(x)).append(' ').append(tenth(y));
  }

  /** A number to a tenth, without a needless {@code .0}. */
  static String tenth(double v) {
    long tenths = Math.round(v * 10);
    return tenths % 10 == 0 ? Long.toString(tenths / 10) : String.valueOf(tenths / 10.0);
  }

  private void add(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values));
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
