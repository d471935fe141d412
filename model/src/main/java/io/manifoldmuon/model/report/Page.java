package io.manifoldmuon.model.report;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * Writes one HTML file that needs nothing else: style sheet, script and drawings are in it, and its
 * policy forbids any request and any other script. Every text is escaped on its way in.
 */
final class Page {
  /** The most letters of a table's text that are never broken into lines. */
  private static final int LONGEST_LINE = 24;

  private final StringBuilder html = new StringBuilder();

  Page(String title) {
    String script = Resources.text("report.js");
    html.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ")
        .append("img-src data:; style-src 'unsafe-inline'; script-src 'sha256-")
        .append(sha256(script))
        .append("'\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append("<link rel=\"icon\" href=\"data:,\">\n<title>")
        .append(Markup.escape(title))
        .append("</title>\n<style>\n")
        .append(Resources.text("colours.css"))
        .append(Resources.text("chart.css"))
        .append(Resources.text("page.css"))
        .append("</style>\n</head>\n<body>\n<h1>")
        .append(Markup.escape(title))
        .append("</h1>\n");
  }

  private static String sha256(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) { // every JDK has it
      throw new IllegalStateException(e);
    }
  }

  /** The whole file. */
  String end() {
    return html.append("<script>")
        .append(Resources.text("report.js"))
        .append("</script>\n</body>\n</html>\n")
        .toString();
  }

  /** A sentence under the title. */
  Page lead(String text) {
    html.append("<p class=\"lead\">").append(Markup.escape(text)).append("</p>\n");
    return this;
  }

  /** A paragraph. */
  Page paragraph(String text) {
    html.append("<p>").append(Markup.escape(text)).append("</p>\n");
    return this;
  }

  /** A sentence on what stands above it. */
  Page note(String text) {
    html.append("<p class=\"note\">").append(Markup.escape(text)).append("</p>\n");
    return this;
  }

  Page heading(String text) {
    html.append("<h2>").append(Markup.escape(text)).append("</h2>\n");
    return this;
  }

  /** A key figure: what it is, its number, and what is to be said of it. */
  record Tile(String name, String figure, String more) {}

  Page tiles(List<Tile> tiles) {
    html.append("<dl class=\"tiles\">\n");
    for (Tile t : tiles) {
      html.append("<div><dt>")
          .append(Markup.escape(t.name))
          .append("</dt><dd><b>")
          .append(Markup.escape(t.figure))
          .append("</b><small>")
          .append(Markup.escape(t.more))
          .append("</small></dd></div>\n");
    }
    html.append("</dl>\n");
    return this;
  }

  /** A drawing as wide as the page. */
  Page wide(Chart chart) {
    html.append(ChartMarkup.wideFigure(chart));
    return this;
  }

  /** Drawings side by side; nothing where there are none. */
  Page charts(String heading, List<Chart> charts) {
    return charts.isEmpty() ? this : heading(heading).charts(charts);
  }

  Page charts(List<Chart> charts) {
    if (!charts.isEmpty()) {
      html.append("<div class=\"charts\">\n");
      charts.forEach(c -> html.append(ChartMarkup.figure(c)));
      html.append("</div>\n");
    }
    return this;
  }

  /** Names and values. */
  Page facts(Map<String, String> rows) {
    html.append("<table class=\"facts\">\n");
    rows.forEach(
        (name, value) ->
            html.append("<tr><th scope=\"row\">")
                .append(Markup.escape(name))
                .append("</th><td>")
                .append(Markup.escape(value))
                .append("</td></tr>\n"));
    html.append("</table>\n");
    return this;
  }

  /**
   * A cell of a table.
   *
   * @param style {@code number}, {@code number best}, {@code name}, or empty for a text, which is
   *     broken into lines where its column has a long one
   */
  record Cell(String text, String style) {}

  /** A table; a row may begin with a swatch of the class that {@code colours} has for it. */
  Page table(List<String> heads, List<List<Cell>> rows, List<String> colours) {
    List<String> texts = texts(heads, rows);
    html.append("<div class=\"scroll\"><table>\n<tr>");
    for (int i = 0; i < heads.size(); i++) {
      Cell first = rows.isEmpty() ? new Cell("", "") : rows.getFirst().get(i);
      html.append("<th scope=\"col\" class=\"")
          .append(style(first, texts.get(i)).replace("best", "").strip())
          .append("\">")
          .append(Markup.escape(heads.get(i)))
          .append("</th>");
    }
    html.append("</tr>\n");
    for (int r = 0; r < rows.size(); r++) {
      html.append("<tr>");
      for (int i = 0; i < rows.get(r).size(); i++) {
        Cell cell = rows.get(r).get(i);
        html.append("<td class=\"").append(style(cell, texts.get(i))).append("\">");
        if (i == 0 && r < colours.size()) {
          html.append("<svg class=\"swatch\" viewBox=\"0 0 22 10\" aria-hidden=\"true\">")
              .append("<path class=\"curve thick ")
              .append(colours.get(r))
              .append("\" d=\"M0 5H22\"/></svg>");
        }
        html.append(Markup.escape(cell.text)).append("</td>");
      }
      html.append("</tr>\n");
    }
    html.append("</table></div>\n");
    return this;
  }

  /** The style of texts in each column: one with a long text is broken into lines. */
  private static List<String> texts(List<String> heads, List<List<Cell>> rows) {
    List<String> styles = new ArrayList<>();
    for (int i = 0; i < heads.size(); i++) {
      int column = i;
      boolean fits = rows.stream().allMatch(r -> r.get(column).text.length() <= LONGEST_LINE);
      styles.add(fits ? "line" : "lines");
    }
    return styles;
  }

  private static String style(Cell cell, String ofTexts) {
    return cell.style.isEmpty() ? ofTexts : cell.style;
  }

  /** What a model wrote, to be unfolded. */
  Page sample(String title, String more, String prompt, String text, boolean open) {
    html.append(open ? "<details open>" : "<details>")
        .append("<summary>")
        .append(Markup.escape(title))
        .append(" <span>")
        .append(Markup.escape(more))
        .append("</span></summary>\n<pre><span class=\"given\">")
        .append(Markup.escape(prompt))
        .append("</span>")
        .append(Markup.escape(text))
        .append("</pre></details>\n");
    return this;
  }

  /** Begins what {@link #endSamples} ends. */
  Page samples() {
    html.append("<div class=\"samples\">\n");
    return this;
  }

  Page endSamples() {
    html.append("</div>\n");
    return this;
  }

  /** Text as it stands. */
  Page text(String body) {
    html.append("<pre class=\"box\">").append(Markup.escape(body)).append("</pre>\n");
    return this;
  }
}
