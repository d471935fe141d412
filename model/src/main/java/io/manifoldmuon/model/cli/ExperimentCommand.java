package io.manifoldmuon.model.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands around experiments. */
@Command(
    name = "experiment",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    header = "Runs several trainings that answer a question, and says what came out.",
    description = {
      "An experiment is a YAML file, or one that comes with the program: arms that are compared,",
      "the grid that each is tuned over, seeds, and a budget that is equal for all. `list` shows",
      "the built-in ones, `show NAME` prints one to be changed, `run` runs it and goes on where it",
      "was stopped, `tasks` spreads it over machines, `report` merges what came back."
    },
    subcommands = {
      ExperimentListCommand.class,
      ExperimentShowCommand.class,
      ExperimentRunCommand.class,
      ExperimentReportCommand.class,
      ExperimentTasksCommand.class
    })
final class ExperimentCommand implements Runnable {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
