package io.manifoldmuon.model.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Small shows of what the library does. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    header = "Shows, in a few seconds each, what the library does.",
    description = "Shows, in a few seconds each, what the library does.",
    synopsisSubcommandLabel = "DEMO",
    subcommands = {StiefelDemo.class, SpiralDemo.class, ModularNormDemo.class})
final class DemoCommand implements Runnable {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
