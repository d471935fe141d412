package io.manifoldmuon.bench;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Times operations, optimizer steps and training steps by themselves. */
@Command(
    name = "ops",
    mixinStandardHelpOptions = true,
    header = "Times the operations by themselves, on every engine.",
    description = {
      "Times products, polar factors, solvers, attention, routing, losses and whole steps with JMH,",
      "each in JVMs of its own, beside one large product and one large copy of the cpu engine: the",
      "ceiling of this machine. Times are medians; operations are those of the products."
    })
final class OperationsCommand implements Callable<Integer> {
  private static final int WIDTH = 28;

  private final PrintStream out;
  private final PrintStream err;

  @Spec private CommandSpec spec;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      split = ",",
      description = "cpu, reference, tornado, emulator; several in turns: cpu,tornado.")
  private List<String> engines = List.of("cpu");

  @Option(names = "--device", paramLabel = "I:J", description = "The device of a tornado engine.")
  private String device = "";

  @Option(names = "--threads", paramLabel = "N", description = "CPU threads, 0 for all.")
  private int threads;

  @Option(
      names = "--only",
      paramLabel = "REGEX",
      description =
          "Only workloads whose name has a match, such as product/ or 1024; those of large/, for GPUs,"
              + " only when asked for.")
  private String only = "";

  @Option(names = "--quick", description = "One short run of each.")
  private boolean quick;

  @Option(
      names = "--forks",
      paramLabel = "N",
      description = "JVMs for each workload, 0 for none but this: 2, or 1 with --quick.")
  private Integer forks;

  @Option(names = "--list", description = "Print the names of the workloads and stop.")
  private boolean list;

  @Option(names = "--json", description = "Print lines of JSON only.")
  private boolean json;

  @Option(names = "--out", paramLabel = "FILE", description = "Write all as one JSON document too.")
  private Path file;

  @Option(names = "--verbose", description = "Let JMH tell all that it does.")
  private boolean verbose;

  @Option(names = "--stacktrace", description = "Print the stack trace of a failure.")
  @SuppressWarnings("unused") // read from the arguments by the program
  private boolean stackTrace;

  OperationsCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() {
    List<Workload> chosen = chosen();
    if (list) {
      chosen.forEach(w -> out.println(w.name()));
      return 0;
    }
    if (threads < 0 || (forks != null && forks < 0)) {
      throw bad("--threads " + threads + ", --forks " + forks + ": wanted numbers of at least 0");
    }
    Facts facts = new Facts(engineDescriptions(), threads);
    facts.lines().forEach(err::println);
    List<Measurement> all = measure(chosen);
    if (file != null) {
      JsonText.write(file, "bench ops", facts, all.stream().map(Measurement::fields).toList());
    }
    return 0;
  }

  private List<Workload> chosen() {
    List<Workload> chosen;
    try {
      Pattern pattern = Pattern.compile(only);
      Stream<Workload> all = Workloads.all().stream();
      boolean usual = only.isEmpty() && !list;
      Stream<Workload> asked = usual ? all : Stream.concat(all, Workloads.large().stream());
      chosen = asked.filter(w -> pattern.matcher(w.name()).find()).toList();
    } catch (PatternSyntaxException e) {
      throw bad("--only " + only + ": wanted a regular expression, " + e.getDescription());
    }
    if (chosen.isEmpty()) {
      throw bad("--only " + only + ": no workload has a match; --list prints the names");
    }
    return chosen;
  }

  private ParameterException bad(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Opens every engine once, so that one that is not there says why before anything is timed. */
  private Map<String, String> engineDescriptions() {
    Map<String, String> descriptions = new LinkedHashMap<>();
    for (String name : engines) {
      String where = name.equals("tornado") ? device : "";
      try (Engine engine = Engines.open(name, new EngineOptions(threads, where), err::println)) {
        descriptions.put(name, engine.description());
      }
    }
    return descriptions;
  }

  private List<Measurement> measure(List<Workload> chosen) {
    PrintStream told = verbose ? err : null;
    Timing usual = quick ? Timing.quick(told) : Timing.thorough(told);
    Timing timing = forks == null ? usual : usual.withForks(forks);
    var cpu = new Timing.Place("cpu", "", threads);
    Measurement product = timing.of(Workloads.productCeiling(), cpu);
    Measurement copy = timing.of(Workloads.copyCeiling(), cpu);
    head();
    row(product, product, copy);
    row(copy, product, copy);
    List<Measurement> all = new ArrayList<>(List.of(product, copy));
    for (Workload w : chosen) {
      for (String engine : engines) {
        String where = engine.equals("tornado") ? device : "";
        Measurement m = timing.of(w, new Timing.Place(engine, where, threads));
        row(m, product, copy);
        all.add(m);
      }
    }
    return all;
  }

  private void head() {
    if (!json) {
      out.println(
          text(
              "%-" + WIDTH + "s %-9s %10s %19s %9s %5s %8s %5s",
              "workload",
              "engine",
              "ms",
              "least - most",
              "GFLOP/s",
              "%",
              "GB/s",
              "%"));
    }
  }

  private void row(Measurement m, Measurement product, Measurement copy) {
    if (json) {
      out.println(JsonText.line(m.fields()));
      return;
    }
    boolean products = m.workload().flops() > 0;
    out.println(
        text(
            "%-" + WIDTH + "s %-9s %10.3f %19s %9s %5s %8.1f %5.0f",
            m.workload().name(),
            m.engine(),
            m.seconds() * 1e3,
            text("%.3f - %.3f", m.least() * 1e3, m.most() * 1e3),
            products ? text("%.1f", m.gflops()) : "-",
            products ? text("%.0f", 100 * m.gflops() / product.gflops()) : "-",
            m.gigabytes(),
            100 * m.gigabytes() / copy.gigabytes()));
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
