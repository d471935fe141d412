package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.UserException;
import io.manifoldmuon.model.config.NearestName;
import io.manifoldmuon.model.train.Environment;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The program {@code muon}.
 *
 * <p>Exit codes: 0 done, 1 internal error or failed check, 2 bad usage or input, 3 device or engine
 * unavailable, 4 training diverged, 130 interrupted with a checkpoint saved.
 */
public final class Main {
  /** Nothing was wrong. */
  static final int DONE = 0;

  /** A check failed, or the program has a fault. */
  static final int FAILED = 1;

  /** Bad usage or input. */
  static final int BAD_INPUT = 2;

  /** Stopped by a signal. */
  static final int INTERRUPTED = 130;

  private Main() {}

  /** The commands by themselves print the help. */
  @Command(
      name = "muon",
      description = "Trains and examines mixture-of-experts language models.",
      synopsisSubcommandLabel = "COMMAND",
      mixinStandardHelpOptions = true,
      version = "muon " + Environment.VERSION,
      footer = {
        "",
        "Two to start with:",
        "  muon train   trains a small model on the JDK's own sources, in one to three minutes",
        "  muon test    builds and runs all checks",
        "`muon COMMAND --help` explains the options of a command.",
        "Exit codes: 0 done, 1 failed, 2 bad usage or input, 3 engine unavailable, 4 diverged,",
        "130 interrupted (checkpoint saved)."
      },
      subcommands = {
        TrainCommand.class,
        ResumeCommand.class,
        LrFindCommand.class,
        ExperimentCommand.class,
        EvalCommand.class,
        GradientsCommand.class,
        SampleCommand.class,
        PrepareCommand.class,
        GradCheckCommand.class,
        InspectCommand.class,
        ReportCommand.class,
        ExportCommand.class,
        DevicesCommand.class,
        BenchCommand.class,
        OptimizeStepCommand.class,
        DemoCommand.class,
        TestCommand.class
      })
  static final class Muon implements Runnable {
    @CommandLine.Spec CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
      spec.commandLine().usage(spec.commandLine().getOut());
    }
  }

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] args) {
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    var err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(args, out, err));
  }

  /**
   * Runs a command.
   *
   * @param out where results go
   * @param err where messages go
   * @return the exit code
   */
  public static int run(String[] args, PrintStream out, PrintStream err) {
    Terminal terminal = new Terminal(out, err);
    CommandLine commands = new CommandLine(new Muon(), new Commands(terminal));
    for (CommandExtension e : ServiceLoader.load(CommandExtension.class)) {
      commands.getSubcommands().get(e.parent()).addSubcommand(e.command(out, err));
    }
    commands.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    commands.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
    commands.setColorScheme(CommandLine.Help.defaultColorScheme(terminal.ansi()));
    commands.setOverwrittenOptionsAllowed(true);
    commands.setUsageHelpAutoWidth(false);
    commands.setUsageHelpWidth(96);
    commands.setParameterExceptionHandler((e, _) -> badUsage(e, terminal));
    commands.setExecutionExceptionHandler((e, c, _) -> failed(e, c, args, terminal));
    try {
      return commands.execute(args);
    } catch (OutOfMemoryError e) {
      terminal.error(
          "out of memory: "
              + e.getMessage()
              + "; use a smaller model or batch, or give the JVM more with MUON_JAVA_OPTS=-Xmx8g");
      return FAILED;
    }
  }

  private static int badUsage(ParameterException e, Terminal terminal) {
    if (e.getCause() instanceof UserException problem) {
      terminal.error(problem.getMessage());
      return problem.exitCode();
    }
    String name = e.getCommandLine().getCommandSpec().qualifiedName();
    String near =
        e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()
            ? nearest(unmatched)
            : "";
    terminal.error(e.getMessage() + near + "; see `" + name + " --help`");
    return BAD_INPUT;
  }

  private static String nearest(UnmatchedArgumentException e) {
    var suggestions = e.getSuggestions();
    String first = e.getUnmatched().getFirst();
    Optional<String> near =
        suggestions.isEmpty() && first.startsWith("-")
            ? NearestName.of(first, e.getCommandLine().getCommandSpec().optionsMap().keySet())
            : suggestions.stream().findFirst();
    return near.map(name -> ", did you mean " + name + "?").orElse("");
  }

  private static int failed(Exception e, CommandLine command, String[] args, Terminal terminal) {
    boolean trace = java.util.List.of(args).contains(ConfigurationOptions.STACK_TRACE);
    if (trace) {
      e.printStackTrace(terminal.err());
    }
    if (e instanceof UserException problem) {
      terminal.error(problem.getMessage());
      return problem.exitCode();
    }
    terminal.error(
        command.getCommandName()
            + ": a fault of the program, "
            + e
            + "; run it again with "
            + ConfigurationOptions.STACK_TRACE
            + " and report what it prints");
    return FAILED;
  }
}
