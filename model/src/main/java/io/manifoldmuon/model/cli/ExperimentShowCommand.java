package io.manifoldmuon.model.cli;

import io.manifoldmuon.model.experiment.Builtins;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints a built-in experiment. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    header = "Prints the YAML of a built-in experiment, to be changed and run.")
final class ExperimentShowCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(paramLabel = "NAME", description = "The experiment, as `list` has it.")
  private String name;

  ExperimentShowCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    terminal.line(Builtins.yaml(name).stripTrailing());
    return Main.DONE;
  }
}
