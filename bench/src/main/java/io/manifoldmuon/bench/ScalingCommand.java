package io.manifoldmuon.bench;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures how the time of a step grows with each size. */
@Command(
    name = "scaling",
    mixinStandardHelpOptions = true,
    header = "Measures how the time of a step grows with each size.",
    description = {
      "Times the training step of the preset tiny with one size varied: layers, experts, windows,",
      "width, context, threads; and the optimizer's step for matrices of several sizes. Fits",
      "t = a x^p by least squares on the logarithms and prints p with its standard error, beside",
      "that of the operations of the products; the column p has the exponent from the row above,",
      "as fixed costs bend the law where the size is small."
    })
final class ScalingCommand implements Callable<Integer> {
  private final PrintStream out;
  private final PrintStream err;

  @Spec private CommandSpec spec;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "cpu, reference, tornado or emulator.")
  private String engine = "cpu";

  @Option(names = "--device", paramLabel = "I:J", description = "The device of a tornado engine.")
  private String device = "";

  @Option(names = "--threads", paramLabel = "N", description = "CPU threads, 0 for all.")
  private int threads;

  @Option(
      names = "--only",
      paramLabel = "REGEX",
      description = "Only sizes whose name has a match, such as layers or matrix.")
  private String only = "";

  @Option(names = "--quick", description = "One short round, without the largest sizes.")
  private boolean quick;

  @Option(names = "--list", description = "Print the names of the sizes and stop.")
  private boolean list;

  @Option(names = "--json", description = "Print lines of JSON only.")
  private boolean json;

  @Option(names = "--out", paramLabel = "FILE", description = "Write all as one JSON document too.")
  private Path file;

  @Option(names = "--stacktrace", description = "Print the stack trace of a failure.")
  @SuppressWarnings("unused") // read from the arguments by the program
  private boolean stackTrace;

  ScalingCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() {
    List<Sweep> chosen = chosen();
    if (list) {
      chosen.forEach(s -> out.println(s.name()));
      return 0;
    }
    if (threads < 0) {
      throw bad("--threads " + threads + ": wanted a number of at least 0");
    }
    Facts facts = new Facts(Map.of(engine, description()), threads);
    facts.lines().forEach(err::println);
    SweepTimer timer =
        quick
            ? SweepTimer.quick(engine, device, threads)
            : SweepTimer.thorough(engine, device, threads);
    List<Map<String, Object>> all = new ArrayList<>();
    for (Sweep sweep : chosen) {
      SweepTimes times = timer.of(sweep);
      if (json) {
        out.println(JsonText.line(times.fields()));
      } else {
        SweepTable.lines(times).forEach(out::println);
        out.println();
      }
      all.add(times.fields());
    }
    if (file != null) {
      JsonText.write(file, "bench scaling", facts, all);
    }
    return 0;
  }

  private List<Sweep> chosen() {
    List<Sweep> chosen;
    try {
      Pattern pattern = Pattern.compile(only);
      chosen = Sweeps.all(quick).stream().filter(s -> pattern.matcher(s.name()).find()).toList();
    } catch (PatternSyntaxException e) {
      throw bad("--only " + only + ": wanted a regular expression, " + e.getDescription());
    }
    if (chosen.isEmpty()) {
      throw bad("--only " + only + ": no size has a match; --list prints the names");
    }
    return chosen;
  }

  private ParameterException bad(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Opens the engine once, so that one that is not there says why before anything is timed. */
  private String description() {
    try (Engine opened = Engines.open(engine, new EngineOptions(threads, device), err::println)) {
      return opened.description();
    }
  }
}
