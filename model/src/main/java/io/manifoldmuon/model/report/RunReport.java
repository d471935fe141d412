package io.manifoldmuon.model.report;

import io.manifoldmuon.model.format.AtomicFile;
import io.manifoldmuon.model.format.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes reports from the files of runs, whether these are over or not. */
public final class RunReport {
  /** The name of a run's page. */
  public static final String PAGE = "report.html";

  /** The name of a run's table. */
  public static final String TABLE = "metrics.csv";

  private static final String PLOTS = "plots";

  private RunReport() {}

  /**
   * Writes the page of a run, its drawings as SVG files in the folder {@code plots}, and its
   * numbers as {@code metrics.csv}, all into the run's folder.
   *
   * @return what was read of the run
   * @throws FormatException if the run cannot be read, or the folder not be written
   */
  public static RunData write(Path folder) {
    RunData run = RunReader.read(folder);
    AtomicFile.write(folder.resolve(PAGE), RunPage.html(run));
    AtomicFile.write(folder.resolve(TABLE), MetricsCsv.text(run.metrics()));
    plots(run, folder.resolve(PLOTS));
    return run;
  }

  /** Writes the page of one run, or one that compares several, to a file. */
  public static void write(List<RunData> runs, Path file) {
    AtomicFile.write(
        file, runs.size() == 1 ? RunPage.html(runs.getFirst()) : ComparisonPage.html(runs));
  }

  /** Writes the numbers of a run as comma-separated values to a file. */
  public static void table(RunData run, Path file) {
    AtomicFile.write(file, MetricsCsv.text(run.metrics()));
  }

  /**
   * Writes the drawings of a run as PNG files into the folder {@code plots} of its folder.
   *
   * @param width of each, in pixels
   * @return that folder
   * @throws FormatException if they cannot be written, or there are no fonts to draw with
   */
  public static Path png(RunData run, int width) {
    Path folder = made(run.folder().resolve(PLOTS));
    for (Chart chart : new RunCharts(run).all()) {
      PngDrawing.write(chart, width, folder.resolve(chart.id() + ".png"));
    }
    return folder;
  }

  private static Path made(Path folder) {
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new FormatException(folder, "cannot be made: " + e.getMessage(), e);
    }
  }

  private static void plots(RunData run, Path folder) {
    made(folder);
    for (Chart chart : new RunCharts(run).all()) {
      AtomicFile.write(folder.resolve(chart.id() + ".svg"), ChartMarkup.file(chart));
    }
  }
}
