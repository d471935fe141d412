package io.manifoldmuon.model.train;

import java.util.LinkedHashMap;
import java.util.Map;

/** The page that shows a finished run: one HTML file that needs nothing else. */
final class Report {
  private static final String STYLE =
      """
      :root { color-scheme: light dark; --ink: #1b1f24; --soft: #5a6472; --line: #d8dde3;
        --page: #ffffff; --box: #f4f6f8; --train: #7aa7d9; --val: #c2410c; --floor: #2f855a; }
      @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #9aa5b1;
        --line: #363d46; --page: #14181d; --box: #1d232a; --train: #4f81bd; --val: #fb923c;
        --floor: #68d391; } }
      body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
        max-width: 48rem; margin: 0 auto; padding: 1rem; }
      h1 { font-size: 1.5rem; line-height: 1.2; } h2 { font-size: 1.1rem; margin-top: 2rem; }
      .lead { color: var(--soft); }
      table { border-collapse: collapse; width: 100%; }
      th, td { text-align: left; padding: .3rem .8rem .3rem 0; vertical-align: top;
        border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
      th { font-weight: normal; color: var(--soft); width: 40%; }
      pre { background: var(--box); padding: .8rem; border-radius: 6px; overflow-x: auto;
        font-size: .85rem; white-space: pre-wrap; overflow-wrap: anywhere; }
      .plot { width: 100%; height: auto; }
      .plot text { fill: var(--soft); font-size: 14px; }
      @media (min-width: 600px) { .plot text { font-size: 9px; } }
      .plot .end { text-anchor: end; } .plot .middle { text-anchor: middle; }
      .plot polyline { fill: none; } .plot .grid { stroke: var(--line); }
      .plot .train { stroke: var(--train); stroke-width: 1.5; }
      .plot .val { stroke: var(--val); stroke-width: 2; } .plot circle.val { fill: var(--val); }
      .plot .floor { stroke: var(--floor); stroke-dasharray: 5 4; }
      """;

  private final StringBuilder html = new StringBuilder();

  private Report() {}

  /**
   * What the page shows.
   *
   * @param title the heading
   * @param lead one sentence under it
   * @param figures the key figures, in order
   * @param history the losses
   * @param floor the least possible loss in nats, NaN where it is not known
   * @param sample text that the model wrote, empty for none
   * @param command the command line that started the run
   * @param config the resolved configuration as YAML
   * @param environment engine, Java and machine, in order
   */
  record Content(
      String title,
      String lead,
      Map<String, String> figures,
      LossHistory history,
      double floor,
      String sample,
      String command,
      String config,
      Map<String, String> environment) {
    Content {
      figures = new LinkedHashMap<>(figures);
      environment = new LinkedHashMap<>(environment);
    }
  }

  /** The page. */
  static String html(Content content) {
    return new Report().page(content);
  }

  private String page(Content c) {
    html.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append("<title>")
        .append(escape(c.title()))
        .append("</title>\n<style>\n")
        .append(STYLE)
        .append("</style>\n</head>\n<body>\n<h1>")
        .append(escape(c.title()))
        .append("</h1>\n<p class=\"lead\">")
        .append(escape(c.lead()))
        .append("</p>\n<h2>Loss, in nats per token</h2>\n")
        .append(LossPlot.svg(c.history(), c.floor()));
    table("Figures", c.figures());
    if (!c.sample().isEmpty()) {
      text("How the model goes on after the first tokens of the validation text", c.sample());
    }
    text("Command", c.command());
    table("Environment", c.environment());
    text("Configuration", c.config());
    return html.append("</body>\n</html>\n").toString();
  }

  private void table(String heading, Map<String, String> rows) {
    html.append("<h2>").append(escape(heading)).append("</h2>\n<table>\n");
    rows.forEach(
        (name, value) ->
            html.append("<tr><th scope=\"row\">")
                .append(escape(name))
                .append("</th><td>")
                .append(escape(value))
                .append("</td></tr>\n"));
    html.append("</table>\n");
  }

  private void text(String heading, String body) {
    html.append("<h2>").append(escape(heading)).append("</h2>\n<pre>");
    html.append(escape(body)).append("</pre>\n");
  }

  /** Text as HTML; characters that a page cannot hold become U+FFFD. */
  static String escape(String text) {
    StringBuilder s = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> s.append("&amp;");
                case '<' -> s.append("&lt;");
                case '>' -> s.append("&gt;");
                case '"' -> s.append("&quot;");
                case '\'' -> s.append("&#39;");
                case '\n', '\t' -> s.appendCodePoint(c);
                default ->
                    s.appendCodePoint(
                        Character.isISOControl(c) || (c >= 0xD800 && c <= 0xDFFF) ? 0xFFFD : c);
              }
            });
    return s.toString();
  }
}
