package io.manifoldmuon.model.report;

import io.manifoldmuon.model.report.RunData.Sample;
import io.manifoldmuon.model.report.RunData.Session;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The page of one run. */
final class RunPage {
  private static final int MOST_SAMPLES = 8;

  private final RunData run;
  private final RunCharts charts;

  private RunPage(RunData run) {
    this.run = run;
    this.charts = new RunCharts(run);
  }

  /** The page as HTML. */
  static String html(RunData run) {
    return new RunPage(run).page();
  }

  private String page() {
    Page page = new Page(run.name()).lead(lead()).tiles(new RunFigures(run).tiles());
    charts.loss().ifPresent(chart -> page.heading("Loss").wide(chart));
    page.charts("Optimization", charts.optimization()).charts("Manifolds", charts.manifold());
    charts.heatMap().ifPresent(chart -> page.heading("Experts").wide(chart));
    page.charts(charts.experts());
    samples(page);
    origin(page);
    return page.end();
  }

  private String lead() {
    StringBuilder text = new StringBuilder();
    if (!run.config("model.preset").isEmpty()) {
      text.append("Model ").append(run.config("model.preset"));
      if (!run.sessions().isEmpty() && run.sessions().getLast().parameters() > 0) {
        Session s = run.sessions().getLast();
        text.append(", ")
            .append(NumberText.of((double) s.parameters(), 3))
            .append(" parameters, of which a token meets ")
            .append(NumberText.of((double) s.activeParameters(), 3));
      }
      text.append("; optimizer ").append(run.config("optimizer.type")).append(". ");
    }
    if (!run.sessions().isEmpty()) {
      text.append(run.sessions().getLast().data()).append(". ");
    }
    text.append("Run ").append(run.outcome()).append('.');
    int unreadable = run.unreadable().values().stream().mapToInt(n -> n).sum();
    if (unreadable > 0) {
      text.append(" Lines of its files that could not be read: ").append(unreadable).append('.');
    }
    return text.toString();
  }

  private void samples(Page page) {
    List<Sample> shown = some(run.samples());
    if (shown.isEmpty()) {
      return;
    }
    page.heading("How it writes").samples();
    for (int i = 0; i < shown.size(); i++) {
      Sample s = shown.get(i);
      boolean last = i == shown.size() - 1;
      page.sample("After step " + s.step(), loss(s.step()), s.prompt(), s.text(), last);
    }
    page.endSamples();
  }

  private String loss(long step) {
    return new RunFigures(run)
        .validationLossAt(step)
        .map(loss -> "validation loss " + NumberText.of(loss, 4))
        .orElse("");
  }

  /** The first, the last, and some evenly between them. */
  private static List<Sample> some(List<Sample> all) {
    if (all.size() <= MOST_SAMPLES) {
      return all;
    }
    List<Sample> some = new ArrayList<>();
    for (int i = 0; i < MOST_SAMPLES; i++) {
      some.add(all.get((int) ((long) i * (all.size() - 1) / (MOST_SAMPLES - 1))));
    }
    return some;
  }

  private void origin(Page page) {
    List<Session> sessions = run.sessions();
    if (!sessions.isEmpty()) {
      page.heading("Command").text(sessions.getLast().command());
      Map<String, String> facts = new LinkedHashMap<>();
      sessions.getLast().environment().forEach(facts::put);
      facts.put("Data", sessions.getLast().data());
      facts.put("Folder", run.folder().toString());
      page.heading("Environment").facts(facts);
    }
    if (sessions.size() > 1) {
      page.heading("Sessions")
          .table(List.of("Started", "From step", "Ended", "Command"), rows(), List.of());
    }
    if (!run.yaml().isEmpty()) {
      page.heading("Configuration").text(run.yaml());
    }
  }

  private List<List<Page.Cell>> rows() {
    List<List<Page.Cell>> rows = new ArrayList<>();
    for (Session s : run.sessions()) {
      rows.add(
          List.of(
              new Page.Cell(s.started(), ""),
              new Page.Cell(Long.toString(s.step()), "number"),
              new Page.Cell(s.end(), ""),
              new Page.Cell(s.command(), "")));
    }
    return rows;
  }
}
