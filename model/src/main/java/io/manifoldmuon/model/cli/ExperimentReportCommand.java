package io.manifoldmuon.model.cli;

import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.experiment.ExperimentFolder;
import io.manifoldmuon.model.experiment.ExperimentReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes the results of an experiment anew. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    header = "Makes the results of an experiment from any number of its folders.",
    description = {
      "Reads what is there, at any time during or after the experiment, and writes results.csv,",
      "summary.csv, choices.json, results.md and index.html. A run that is in several folders counts",
      "once; runs that contradict one another are named, and so are those that are missing."
    })
final class ExperimentReportCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(
      arity = "1..*",
      paramLabel = "DIR",
      description = "Folders of one experiment, or folders that hold such folders.")
  private List<Path> folders;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where to write; the folder itself where only one is given.")
  private Path out;

  @Option(names = ConfigurationOptions.STACK_TRACE, hidden = true)
  @SuppressWarnings("unused") // read from the arguments by Main
  private boolean stackTrace;

  ExperimentReportCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    List<ExperimentFolder> all = new ArrayList<>();
    folders.forEach(f -> all.addAll(ExperimentFolder.at(f)));
    if (all.size() > 1 && out == null) {
      throw new ConfigException(
          "experiment report: "
              + all.size()
              + " folders are given, wanted --out DIR too, where the merged results are to go");
    }
    Path target = out != null ? out : all.getFirst().path();
    ExperimentReport report = ExperimentReport.write(all, target);
    report.sentences().forEach(terminal::notice);
    terminal.line(Texts.format("%d of %d runs", report.over(), report.wanted()));
    terminal.line("results " + target.resolve(ExperimentReport.TEXT));
    terminal.line("page    " + target.resolve(ExperimentReport.PAGE));
    return report.conflicts().isEmpty() ? Main.DONE : Main.FAILED;
  }
}
