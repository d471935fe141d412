package io.manifoldmuon.model.report;

import io.manifoldmuon.model.format.AtomicFile;
import io.manifoldmuon.model.format.FormatException;
import io.manifoldmuon.model.report.LineChart.Band;
import io.manifoldmuon.model.report.LineChart.Line;
import io.manifoldmuon.model.report.LineChart.Scale;
import io.manifoldmuon.model.report.Page.Cell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One page with what came out of an experiment: sentences, curves with bands, tables. */
public final class ExperimentPage {
  /** The name of the page's file. */
  public static final String NAME = "index.html";

  private static final int COLOURS = 7;

  private ExperimentPage() {}

  /**
   * What the page shows.
   *
   * @param title its name
   * @param lead the question
   * @param sentences what is to be said first
   * @param parts in order
   * @param definition the experiment's YAML
   */
  public record View(
      String title, String lead, List<String> sentences, List<Part> parts, String definition) {}

  /** A part of the page. */
  public sealed interface Part {}

  /**
   * A table.
   *
   * @param note a sentence on it, may be empty
   * @param words how many columns from the left hold words; the others hold numbers
   */
  public record Table(
      String heading, String note, List<String> heads, List<List<String>> rows, int words)
      implements Part {}

  /** Drawings side by side; those without curves are left out. */
  public record Figures(String heading, List<Figure> figures) implements Part {}

  /**
   * A drawing.
   *
   * @param id of letters, digits and hyphens
   * @param unit of the values
   * @param note one sentence on how to read it
   * @param nameOfX what the horizontal axis counts
   * @param axes how it is divided
   */
  public record Figure(
      String id,
      String title,
      String unit,
      String note,
      String nameOfX,
      Axes axes,
      List<Curve> curves) {}

  /** How the axes of a drawing are divided. */
  public enum Axes {
    /** Both evenly; the steep beginning may leave the drawing. */
    WITHOUT_START,
    /** Both evenly. */
    EVEN,
    /** The vertical one by the logarithm. */
    LOGARITHMIC_Y,
    /** The horizontal one by the logarithm. */
    LOGARITHMIC_X
  }

  /**
   * A curve with a band around it.
   *
   * @param colour the same number is the same colour all over the page
   * @param half half the band's width at each point; NaN for no band
   */
  @SuppressWarnings("ArrayRecordComponent") // only passed on, never compared
  public record Curve(String name, int colour, double[] x, double[] y, double[] half) {}

  /**
   * Writes the page as {@code index.html} into a folder, and its drawings as {@code plots/*.svg};
   * each file whole or not at all.
   *
   * @throws FormatException if that is not possible
   */
  public static void write(View view, Path folder) {
    Path plots = folder.resolve("plots");
    try {
      Files.createDirectories(plots);
    } catch (IOException e) {
      throw new FormatException(plots, "cannot be made: " + e.getMessage(), e);
    }
    for (Part part : view.parts) {
      if (part instanceof Figures f) {
        for (Figure figure : f.figures) {
          LineChart chart = chart(figure);
          if (!chart.isEmpty()) {
            AtomicFile.write(plots.resolve(figure.id + ".svg"), ChartMarkup.file(chart));
          }
        }
      }
    }
    AtomicFile.write(folder.resolve(NAME), html(view));
  }

  /** The page as HTML. */
  static String html(View view) {
    Page page = new Page(view.title).lead(view.lead);
    view.sentences.forEach(page::paragraph);
    for (Part part : view.parts) {
      switch (part) {
        case Table t -> {
          page.heading(t.heading).table(t.heads, cells(t), List.of());
          if (!t.note.isEmpty()) {
            page.note(t.note);
          }
        }
        case Figures f ->
            page.charts(
                f.heading,
                f.figures.stream()
                    .map(ExperimentPage::chart)
                    .filter(c -> !c.isEmpty())
                    .map(c -> (Chart) c)
                    .toList());
      }
    }
    return page.heading("The experiment").text(view.definition).end();
  }

  private static List<List<Cell>> cells(Table table) {
    List<List<Cell>> rows = new ArrayList<>();
    for (List<String> row : table.rows) {
      List<Cell> cells = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        cells.add(new Cell(row.get(i), i == 0 ? "name" : i < table.words ? "" : "number"));
      }
      rows.add(cells);
    }
    return rows;
  }

  private static LineChart chart(Figure f) {
    List<Line> lines = new ArrayList<>();
    List<Band> bands = new ArrayList<>();
    for (Curve c : f.curves) {
      Series series = new Series(c.x, c.y);
      lines.add(new Line(c.name, style(c.colour), c.x.length <= 20, series));
      band(c).ifPresent(bands::add);
    }
    Scale scale =
        switch (f.axes) {
          case WITHOUT_START -> Scale.WITHOUT_START;
          case EVEN, LOGARITHMIC_X -> Scale.EVEN;
          case LOGARITHMIC_Y -> Scale.LOGARITHMIC;
        };
    LineChart chart =
        new LineChart(
            f.id, f.title, f.unit, f.note, f.nameOfX, lines, bands, List.of(), scale, false);
    return f.axes == Axes.LOGARITHMIC_X ? chart.acrossByLogarithm() : chart;
  }

  private static java.util.Optional<Band> band(Curve c) {
    int[] known =
        java.util.stream.IntStream.range(0, c.x.length)
            .filter(i -> Double.isFinite(c.half[i]))
            .toArray();
    if (known.length < 2) {
      return java.util.Optional.empty();
    }
    double[] x = new double[known.length];
    double[] low = new double[known.length];
    double[] high = new double[known.length];
    for (int i = 0; i < known.length; i++) {
      x[i] = c.x[known[i]];
      low[i] = c.y[known[i]] - c.half[known[i]];
      high[i] = c.y[known[i]] + c.half[known[i]];
    }
    String style = "c" + c.colour % COLOURS + " faint";
    return java.util.Optional.of(new Band("", style, new Series(x, low), new Series(x, high)));
  }

  private static String style(int colour) {
    return "c" + colour % COLOURS + (colour / COLOURS % 2 == 1 ? " dash" : "");
  }
}
