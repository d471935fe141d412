package io.manifoldmuon.model.cli;

import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.experiment.Experiment;
import io.manifoldmuon.model.experiment.ExperimentReport;
import io.manifoldmuon.model.experiment.Plan;
import io.manifoldmuon.model.experiment.Progress;
import io.manifoldmuon.model.experiment.StopAsked;
import io.manifoldmuon.model.experiment.Task;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs an experiment. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    header = "Runs an experiment, or goes on with it where it was stopped.",
    description = {
      "First the runs that choose each arm's settings, then those that are compared. Every run is a",
      "process of its own with the usual folder in DIR/runs; those that are over are kept, and one",
      "that was interrupted goes on from its checkpoint. A run that diverges is a result. In the end",
      "DIR has results.md, results.csv, summary.csv and index.html."
    })
final class ExperimentRunCommand implements Callable<Integer> {
  private final Terminal terminal;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;
  @Mixin private ExperimentOptions options;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "The folder of the experiment: new, or the one that is to be gone on with.")
  private Path out;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      defaultValue = "1",
      description = "Runs side by side (1).")
  private int jobs;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "CPU threads of all runs together, divided between them; 0 for one a processor.")
  private int threads;

  @Option(
      names = "--only",
      paramLabel = "TASK",
      split = ",",
      description = "Only these tasks, as `experiment tasks` names them; may be given again.")
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--tuned-in",
      paramLabel = "DIR",
      description =
          "A folder of this experiment, or one that holds such folders, whose tuning runs count"
              + " too; may be given again.")
  private List<Path> tunedIn = new ArrayList<>();

  @Option(names = "--keep-weights", description = "Keep the weights of every run.")
  private boolean keepWeights;

  @Option(names = "--dry-run", description = "Print the runs and their settings; run nothing.")
  private boolean dryRun;

  ExperimentRunCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    requireAtLeast("--jobs", jobs, 1);
    requireAtLeast("--threads", threads, 0);
    Plan plan = new Plan(options.definition());
    plan.unequalTuning().forEach(u -> terminal.error("unequal tuning: " + u));
    if (dryRun) {
      return show(plan);
    }
    int all = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    var how =
        new Experiment.Options(
            options.data(),
            options.engine(),
            options.device(),
            jobs,
            all,
            only,
            tunedIn,
            keepWeights);
    try (Interruption interruption = new Interruption(terminal)) {
      var experiment =
          new Experiment(
              plan,
              out,
              how,
              ThisProgram::command,
              ExperimentRunCommand::hash,
              new Printer(),
              new Asked(interruption));
      return ended(experiment.run());
    }
  }

  private static String hash(RunConfig config) {
    try (Dataset text = Dataset.open(config.data(), config.model().context(), _ -> {})) {
      return text.contentHash();
    }
  }

  /** What signals ask for. */
  private record Asked(Interruption interruption) implements StopAsked {
    @Override
    public boolean afterStep() {
      return interruption.afterStep();
    }

    @Override
    public boolean atOnce() {
      return interruption.atOnce();
    }
  }

  private static void requireAtLeast(String option, int value, int least) {
    if (value < least) {
      throw new ConfigException(
          option + " is " + value + ", but it must be a whole number of at least " + least);
    }
  }

  private int show(Plan plan) {
    for (Task task : Stream.concat(plan.tuning().stream(), plan.main().stream()).toList()) {
      var config = plan.config(task);
      terminal.line(
          Texts.format(
              "%-48s %,d steps of %,d tokens  %s",
              task.id(),
              config.train().steps(),
              config.tokensPerStep(),
              task.point()
                  .map(p -> p.settings().values().toString())
                  .orElse("settings chosen by the tuning runs")));
    }
    terminal.line(
        Texts.format(
            "%d runs to tune and %d to compare, %.1f M tokens",
            plan.tuning().size(), plan.main().size(), plan.tokens() / 1e6));
    return Main.DONE;
  }

  private int ended(Experiment.Ended end) {
    ExperimentReport report = end.report();
    terminal.line("");
    report.sentences().forEach(terminal::notice);
    terminal.line("");
    terminal.line("results " + out.resolve(ExperimentReport.TEXT));
    terminal.line("page    " + out.resolve(ExperimentReport.PAGE));
    if (end.stopped()) {
      terminal.line("to go on: " + CommandText.of(spec));
      return Main.INTERRUPTED;
    }
    return end.failed() > 0 ? Main.FAILED : Main.DONE;
  }

  /** Prints a line for every run. */
  private final class Printer implements Progress {
    private final long started = System.nanoTime();
    private int done;

    @Override
    public void begun(Task task) {
      if (terminal.interactive()) {
        terminal.rewrite("running " + task.id());
      }
    }

    @Override
    public void over(Task task, int over, int wanted, double loss, double seconds) {
      done++;
      double left = (System.nanoTime() - started) / 1e9 / done * (wanted - over);
      terminal.line(
          Texts.format(
              "[%d/%d] %s: %s after %s, about %s left",
              over,
              wanted,
              task.id(),
              Double.isNaN(loss) ? "diverged" : Texts.format("val_loss %.4f", loss),
              Texts.duration(seconds),
              Texts.duration(left)));
    }

    @Override
    public void failed(Task task, String why) {
      terminal.error(task.id() + " failed: " + why);
    }

    @Override
    public void notice(String text) {
      terminal.error(text);
    }
  }
}
