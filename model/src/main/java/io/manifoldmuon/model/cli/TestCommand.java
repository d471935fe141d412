package io.manifoldmuon.model.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Stands for {@code ./muon test}, which the launcher itself answers. */
@Command(
    name = "test",
    mixinStandardHelpOptions = true,
    header = "Builds everything and runs all checks.",
    description = {
      "Builds everything and runs all checks.",
      "The launcher `muon` runs Maven for this; arguments are passed to it."
    })
final class TestCommand implements Callable<Integer> {
  private final Terminal terminal;

  TestCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    terminal.error("test: runs from the launcher only; use `./muon test` in the source folder");
    return Main.BAD_INPUT;
  }
}
