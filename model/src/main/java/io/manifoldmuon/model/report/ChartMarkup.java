package io.manifoldmuon.model.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;

/** Charts as parts of a page and as files of their own. */
final class ChartMarkup {
  private static final int WIDTH = 480;
  private static final int HEIGHT = 270;
  private static final int WIDE = 960;
  private static final int WIDE_HEIGHT = 340;
  private static final int TITLE = 46;

  /** The width of a {@linkplain #file file}. */
  static final int FILE_WIDTH = WIDE * 3 / 4;

  private static final int LEGEND_ROW = 20;

  private ChartMarkup() {}

  /** A figure of a page. */
  static String figure(Chart chart) {
    return "<figure class=\"chart\">\n"
        + caption(chart)
        + drawing(chart, WIDTH, HEIGHT, "")
        + "</figure>\n";
  }

  /** A figure as wide as the page, which narrow screens see in the shape of the others. */
  static String wideFigure(Chart chart) {
    return "<figure class=\"chart wide\">\n"
        + caption(chart)
        + drawing(chart, WIDE, WIDE_HEIGHT, " for-wide")
        + drawing(chart, WIDTH, HEIGHT, " for-narrow")
        + "</figure>\n";
  }

  private static String caption(Chart chart) {
    StringBuilder html = new StringBuilder("<figcaption><h3>");
    html.append(Markup.escape(chart.title()))
        .append(" <small>")
        .append(Markup.escape(chart.unit()))
        .append("</small></h3>\n<ul class=\"legend\">");
    if (chart.legend().size() > 1) {
      for (Chart.Key key : chart.legend()) {
        html.append("<li><svg class=\"key\" viewBox=\"0 0 22 10\" aria-hidden=\"true\">")
            .append(mark(key, 0, 0))
            .append("</svg>")
            .append(Markup.escape(key.name()))
            .append("</li>");
      }
    }
    return html.append("</ul></figcaption>\n").toString();
  }

  /** The sign of a legend entry, 22 by 10. */
  private static String mark(Chart.Key key, double x, double y) {
    String at = " transform=\"translate(" + Svg.tenth(x) + " " + Svg.tenth(y) + ")\"";
    return key.style().matches("(area|part|cell) .*")
        ? "<rect class=\"" + key.style() + "\" width=\"22\" height=\"10\"" + at + "/>"
        : "<path class=\"curve " + key.style() + "\" d=\"M0 5H22\"" + at + "/>";
  }

  private static String drawing(Chart chart, int width, int height, String style) {
    String name = chart.id() + "-" + width;
    Svg svg = new Svg();
    chart.draw(svg, width, height);
    return "<div class=\"drawing"
        + style
        + "\"><svg viewBox=\"0 0 "
        + width
        + " "
        + height
        + "\" role=\"img\" aria-labelledby=\""
        + name
        + "-title\">\n<title id=\""
        + name
        + "-title\">"
        + Markup.escape(chart.title() + ", " + chart.unit() + ". " + chart.note())
        + "</title>\n"
        + svg
        + "</svg>\n<script type=\"application/json\">"
        + json(chart, width, height)
        + "</script></div>\n"
        + (chart.note().isEmpty() ? "" : note(chart, style));
  }

  private static String note(Chart chart, String style) {
    return "<p class=\"note" + style + "\">" + Markup.escape(chart.note()) + "</p>\n";
  }

  /** Inside a script element nothing may look like markup. */
  private static String json(Chart chart, int width, int height) {
    try {
      return new ObjectMapper()
          .writeValueAsString(chart.values(width, height))
          .replace("<", "\\u003c")
          .replace(">", "\\u003e")
          .replace("&", "\\u0026");
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An SVG file with title and legend. */
  static String file(Chart chart) {
    int rows = legendRows(chart);
    int top = TITLE + rows * LEGEND_ROW;
    Svg svg = new Svg();
    chart.draw(svg, FILE_WIDTH, WIDE_HEIGHT);
    StringBuilder text = new StringBuilder();
    text.append("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"file\" viewBox=\"0 0 ")
        .append(FILE_WIDTH)
        .append(' ')
        .append(fileHeight(chart))
        .append("\" role=\"img\">\n<title>")
        .append(Markup.escape(chart.title() + ", " + chart.unit()))
        .append("</title>\n<desc>")
        .append(Markup.escape(chart.note()))
        .append("</desc>\n<style>\n")
        .append(Resources.text("colours.css"))
        .append(Resources.text("chart.css"))
        .append("</style>\n<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n")
        .append("<text class=\"title\" x=\"12\" y=\"28\">")
        .append(Markup.escape(chart.title()))
        .append(" <tspan class=\"unit\">")
        .append(Markup.escape(chart.unit()))
        .append("</tspan></text>\n");
    legend(chart, text, rows);
    return text.append("<g transform=\"translate(0 ")
        .append(top)
        .append(")\">\n")
        .append(svg)
        .append("</g>\n</svg>\n")
        .toString();
  }

  /** The height of the file of a chart. */
  static int fileHeight(Chart chart) {
    return WIDE_HEIGHT + TITLE + legendRows(chart) * LEGEND_ROW;
  }

  private static int legendRows(Chart chart) {
    return chart.legend().size() > 1 ? rows(chart) : 0;
  }

  private static int rows(Chart chart) {
    double x = 0;
    int rows = 1;
    for (Chart.Key key : chart.legend()) {
      double width = entry(key);
      if (x + width > FILE_WIDTH - 24) {
        x = 0;
        rows++;
      }
      x += width;
    }
    return rows;
  }

  private static double entry(Chart.Key key) {
    return 46 + 6.6 * key.name().length();
  }

  private static void legend(Chart chart, StringBuilder text, int rows) {
    double x = 0;
    double y = TITLE;
    for (Chart.Key key : rows == 0 ? java.util.List.<Chart.Key>of() : chart.legend()) {
      if (x + entry(key) > FILE_WIDTH - 24) {
        x = 0;
        y += LEGEND_ROW;
      }
      text.append(mark(key, 12 + x, y - 4))
          .append("<text x=\"")
          .append(Svg.tenth(12 + x + 28))
          .append("\" y=\"")
          .append(Svg.tenth(y + 5))
          .append("\">")
          .append(Markup.escape(key.name()))
          .append("</text>\n");
      x += entry(key);
    }
  }
}
