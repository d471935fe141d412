package io.manifoldmuon.model.demo;

import java.util.Locale;

/** Draws what a network makes of the square, and the points that it should tell apart, in SVG. */
public final class SpiralPlot {
  private static final int SIZE = 480;
  private static final int LEVELS = 12;
  private static final int[] FIRST = {214, 96, 77};
  private static final int[] SECOND = {67, 147, 195};

  private final StringBuilder svg = new StringBuilder();

  private SpiralPlot() {}

  /**
   * The drawing: the colour of a region is that of the arm which the network sees there, pale where
   * it is in doubt; dots are points, in the colours of their arms.
   */
  public static String svg(ProbabilityField field, SpiralPoints points, String title) {
    return new SpiralPlot().draw(field, points, title);
  }

  private String draw(ProbabilityField field, SpiralPoints points, String title) {
    add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\"", SIZE, SIZE + 28);
    add(" font-family=\"sans-serif\" font-size=\"14\" role=\"img\">\n<title>%s</title>\n", title);
    add("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n", SIZE, SIZE + 28);
    add("<g shape-rendering=\"crispEdges\">\n");
    for (int row = 0; row < field.side(); row++) {
      regions(field, row);
    }
    add("</g>\n<g stroke=\"white\" stroke-width=\"0.8\">\n");
    float[] xy = points.xy().floats();
    int[] arms = points.arms().ints();
    for (int i = 0; i < arms.length; i++) {
      add(
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n",
          (xy[2 * i] + 1) * SIZE / 2,
          (1 - xy[2 * i + 1]) * SIZE / 2,
          colour(arms[i] == 1 ? SECOND : FIRST, 1));
    }
    add("</g>\n<text x=\"8\" y=\"%d\">%s</text>\n</svg>\n", SIZE + 19, title);
    return svg.toString();
  }

  /** A rectangle for every run of cells of one shade. */
  private void regions(ProbabilityField field, int row) {
    double cell = (double) SIZE / field.side();
    int start = 0;
    for (int column = 1; column <= field.side(); column++) {
      if (column < field.side() && level(field, row, column) == level(field, row, start)) {
        continue;
      }
      add(
          "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n",
          start * cell, row * cell, (column - start) * cell, cell, shade(field, row, start));
      start = column;
    }
  }

  private static int level(ProbabilityField field, int row, int column) {
    return (int) Math.min(LEVELS - 1, LEVELS * field.values()[row * field.side() + column]);
  }

  private static String shade(ProbabilityField field, int row, int column) {
    double p = (level(field, row, column) + 0.5) / LEVELS;
    return p > 0.5 ? colour(SECOND, p - 0.5) : colour(FIRST, 0.5 - p);
  }

  /** A colour mixed with white, share by share. */
  private static String colour(int[] rgb, double share) {
    int[] mixed = new int[3];
    for (int i = 0; i < 3; i++) {
      mixed[i] = (int) Math.round(255 + share * (rgb[i] - 255));
    }
    return String.format(Locale.ROOT, "#%02x%02x%02x", mixed[0], mixed[1], mixed[2]);
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values));
  }
}
