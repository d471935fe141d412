package io.manifoldmuon.model.cli;

import io.manifoldmuon.model.experiment.Builtins;
import io.manifoldmuon.model.experiment.Definition;
import io.manifoldmuon.model.experiment.Plan;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Lists the built-in experiments. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    header = "Lists the built-in experiments with their questions and costs.")
final class ExperimentListCommand implements Callable<Integer> {
  private final Terminal terminal;

  ExperimentListCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    for (String name : Builtins.NAMES) {
      Definition definition = Builtins.find(name);
      Plan plan = new Plan(definition);
      terminal.line(
          Texts.format(
              "%-22s %3d runs (%d to tune), %.1f M tokens",
              name,
              plan.tuning().size() + plan.main().size(),
              plan.tuning().size(),
              plan.tokens() / 1e6));
      terminal.line("    " + definition.question().strip().replaceAll("\\s+", " "));
    }
    return Main.DONE;
  }
}
