package io.manifoldmuon.model.cli;

import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.report.RunData;
import io.manifoldmuon.model.report.RunEvents;
import io.manifoldmuon.model.report.RunReader;
import io.manifoldmuon.model.report.RunReport;
import io.manifoldmuon.model.train.RunFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes the report of a run, or one that compares several. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    header = "Makes the report of a run, or one page that compares several.",
    description = {
      "From the files of a run's folder alone, whether the run is over, was interrupted or goes on.",
      "For one run: report.html, metrics.csv and plots/*.svg in its folder. For several: one page",
      "with all of them, comparison.html or what --out says. A page is one file and loads nothing."
    })
final class ReportCommand implements Callable<Integer> {
  private static final int LEAST_WIDTH = 100;
  private static final int MOST_WIDTH = 10_000;

  private final Terminal terminal;

  @Parameters(arity = "1..*", paramLabel = "RUN", description = "Folders of runs.")
  private List<Path> runs;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write the page there; of one run then nothing else is written.")
  private Path out;

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description = "Write the numbers of one run there as comma-separated values, and no page.")
  private Path csv;

  @Option(
      names = "--tensorboard",
      description =
          "Also write the numbers of each run to an event file in its folder tensorboard.")
  private boolean tensorboard;

  @Option(
      names = "--png",
      arity = "0..1",
      fallbackValue = "1440",
      paramLabel = "WIDTH",
      description =
          "Also write the drawings of each run as plots/*.png, this many pixels wide (1440).")
  private Integer png;

  @Option(names = ConfigurationOptions.STACK_TRACE, hidden = true)
  @SuppressWarnings("unused") // read from the arguments by Main
  private boolean stackTrace;

  ReportCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (tensorboard) {
      for (Path run : runs) {
        RunData data = RunReader.read(run);
        RunFolder.refuseInUse(run); // who trains there may be writing event files
        terminal.line("events " + RunEvents.write(data, System.currentTimeMillis()));
      }
    }
    if (png != null) {
      if (png < LEAST_WIDTH || png > MOST_WIDTH) {
        throw new ConfigException(
            "--png is "
                + png
                + ", but it must be from "
                + LEAST_WIDTH
                + " to "
                + MOST_WIDTH
                + " pixels");
      }
      for (Path run : runs) {
        terminal.line("drawings " + RunReport.png(RunReader.read(run), png));
      }
    }
    if (runs.size() == 1 && out == null && csv == null) {
      RunReport.write(runs.getFirst());
      terminal.line("report " + runs.getFirst().resolve(RunReport.PAGE));
      return Main.DONE;
    }
    List<RunData> data = runs.stream().map(RunReader::read).toList();
    if (csv != null) {
      if (data.size() > 1 || out != null) {
        throw new ConfigException(
            "--csv is given with "
                + (out != null ? "--out" : data.size() + " runs")
                + ", wanted one run and nothing else; ask for each run by itself");
      }
      RunReport.table(data.getFirst(), csv);
      terminal.line("table " + csv);
      return Main.DONE;
    }
    Path file = out != null ? out : Path.of("comparison.html");
    RunReport.write(data, file);
    terminal.line("report " + file);
    return Main.DONE;
  }
}
