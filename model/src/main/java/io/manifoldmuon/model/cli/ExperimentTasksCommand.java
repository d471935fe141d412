package io.manifoldmuon.model.cli;

import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.experiment.Phase;
import io.manifoldmuon.model.experiment.Plan;
import io.manifoldmuon.model.experiment.TaskList;
import io.manifoldmuon.model.format.AtomicFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Spreads an experiment over machines. */
@Command(
    name = "tasks",
    mixinStandardHelpOptions = true,
    header = "Writes an experiment as a Slurm job array or a task list for GNU parallel.",
    description = {
      "Every task is one `./muon experiment run … --only TASK` with a folder of its own below",
      "--folder, which can run on any machine that sees it; `./muon experiment report FOLDER`",
      "merges them. The tasks that are compared need the settings that the tuning tasks choose:",
      "they come in a second array or list, to be run when the first is done."
    })
final class ExperimentTasksCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private ExperimentOptions options;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      required = true,
      description = "slurm, parallel, or text for the names alone.")
  private String format;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description =
          "The file to write; of a list that needs two, -tuning and -main are put into its name.")
  private Path out;

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description = "Below which the tasks have their folders; the experiment's name without it.")
  private String folder;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "CPU threads of a task; 0 for one a processor, in a Slurm script 1.")
  private int threads;

  ExperimentTasksCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    TaskList.Format kind =
        Arrays.stream(TaskList.Format.values())
            .filter(f -> f.toString().equals(format.toLowerCase(Locale.ROOT)))
            .findFirst()
            .orElseThrow(
                () ->
                    new ConfigException(
                        "--format is '" + format + "', but it must be slurm, parallel or text"));
    Plan plan = new Plan(options.definition());
    String below = folder != null ? folder : plan.definition().name();
    List<String> command = new ArrayList<>(List.of("./muon", "experiment", "run"));
    command.addAll(options.words());
    int cores = kind == TaskList.Format.SLURM ? Math.max(1, threads) : threads;
    if (cores > 0) {
      command.addAll(List.of("--threads", Integer.toString(cores)));
    }
    TaskList list = new TaskList(plan, command, below);
    switch (kind) {
      case SLURM -> {
        AtomicFile.write(out, list.slurm(cores));
        terminal.line("submit it by: sh " + out);
      }
      case PARALLEL -> lists(plan, list, true);
      case TEXT -> lists(plan, list, false);
    }
    terminal.line("then: " + list.report());
    return Main.DONE;
  }

  private void lists(Plan plan, TaskList list, boolean commands) {
    boolean two = !plan.tuning().isEmpty();
    for (Phase phase : Phase.values()) {
      if (list.tasks(phase).isEmpty()) {
        continue;
      }
      Path file = two ? named(phase) : out;
      AtomicFile.write(file, commands ? list.commands(phase) : list.names(phase));
      terminal.line(
          commands
              ? "run it by: parallel --jobs N < " + file
              : Texts.format("%d tasks in %s", list.tasks(phase).size(), file));
    }
  }

  private Path named(Phase phase) {
    String name = out.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return out.resolveSibling(
        dot < 1 ? name + "-" + phase : name.substring(0, dot) + "-" + phase + name.substring(dot));
  }
}
