package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.model.config.StepOptimizer;
import io.manifoldmuon.model.format.AtomicFile;
import io.manifoldmuon.model.train.SingleSolve;
import io.manifoldmuon.model.train.SingleStep;
import io.manifoldmuon.model.train.StepFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One step of an optimizer on matrices of a file. */
@Command(
    name = "optimize-step",
    mixinStandardHelpOptions = true,
    header = "Does one step of an optimizer on the matrices of a file.",
    description = {
      "Reads the weights W and the gradient G, [m, n] or stacks of them, F32 or F64, from a",
      "safetensors file, with the optimizer's state and the number of `steps` done where they are",
      "there; writes W, the update A, the state and `steps`, in the precision of W. What it writes,",
      "with a new G, is what the next step reads.",
      "",
      "Optimizers and the keys of --set:",
      "  stiefel      solver, lr, momentum, nesterov, iterations, epsilon, radius, …; W'W = radius²·I",
      "  hypersphere  lr, momentum, nesterov, mode, update; unit rows, columns or matrices",
      "  muon, normuon, simple_muon   lr, momentum, nesterov, weight_decay, adjust, …",
      "  adamw        lr, beta1, beta2, epsilon, weight_decay",
      "An unknown key is answered with all of them.",
      "",
      "The first step's direction is (1 − momentum)·G, or a like multiple of it: of what scale a",
      "gradient is makes no difference to stiefel, hypersphere and the Muons, in float32 for norms",
      "from about 1e-15 to 1e19."
    })
final class OptimizeStepCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(
      names = "--optimizer",
      required = true,
      paramLabel = "NAME",
      description = "stiefel, hypersphere, muon, normuon, simple_muon or adamw.")
  private String optimizer;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A setting: --set lr=0.02. May be given again.")
  private List<String> settings = new ArrayList<>();

  @Option(
      names = "--in",
      required = true,
      paramLabel = "FILE",
      description = "The safetensors file to read.")
  private Path in;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The safetensors file to write; it may be the one that is read.")
  private Path out;

  @Option(
      names = "--project",
      description = "Put W on its manifold first; without it W must be there.")
  private boolean project;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description =
          "auto, cpu, reference, tornado or emulator; without it reference, in float64, where W is"
              + " F64, and auto where it is not.")
  private String engine;

  @Option(
      names = "--device",
      paramLabel = "I:J",
      defaultValue = "",
      description = "The engine's device, as `muon devices` lists them.")
  private String device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "CPU threads, 0 for one a processor.")
  private int threads;

  @Option(names = "--json", description = "Print the report as one line of JSON.")
  private boolean json;

  @Option(
      names = ConfigurationOptions.STACK_TRACE,
      description = "Print the stack trace of a failure.")
  @SuppressWarnings("unused") // read from the arguments by Main
  private boolean stackTrace;

  OptimizeStepCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Numbers.atLeast("--threads", threads, 0);
    StepOptimizer kind = StepOptimizer.named(optimizer);
    SingleStep step = new SingleStep(kind, kind.config(settings), project);
    StepFile file = StepFile.read(in);
    AtomicFile.check(out);
    String name = engine != null ? engine : file.doubles() ? "reference" : Engines.AUTO;
    Terminal messages = json ? terminal.messagesOnly() : terminal;
    SingleStep.Result result =
        step.run(file, name, new EngineOptions(threads, device), messages::notice);
    result.requireFinite();
    file.writeResult(out, result.tensors());
    print(result);
    return Main.DONE;
  }

  private void print(SingleStep.Result r) {
    if (json) {
      terminal.line(Json.line(fields(r)));
      return;
    }
    terminal.line(
        Texts.format(
            "%s on engine %s, learning rate %g: W, A and state in %s",
            optimizer, r.engine(), r.learningRate(), out));
    if (r.before().count() > 0) {
      terminal.line(
          Texts.format(
              "off the manifold by %.2e before and %.2e after the step",
              r.before().max(), r.after().max()));
    }
    r.solve().ifPresent(this::print);
  }

  private void print(SingleSolve s) {
    String columns = "%6s  %10s  %10s  %10s  %14s  %14s  %10s";
    terminal.line("");
    terminal.line(
        Texts.format(columns, "matrix", "iterations", "h, solver", "h", "dual", "<D,A>", "gap"));
    for (int i = 0; i < s.gap().length; i++) {
      terminal.line(
          Texts.format(
              columns,
              i,
              Texts.format("%.0f", s.iterations()[i]),
              Texts.format("%.1e", s.solverTangency()[i]),
              Texts.format("%.1e", s.tangency()[i]),
              Texts.format("%.8g", s.dual()[i]),
              Texts.format("%.8g", s.primal()[i]),
              Texts.format("%.1e", s.gap()[i])));
    }
    terminal.line("");
    terminal.line("D is G plus momentum; no tangent A with ‖A‖₂ ≤ lr has <D,A> below `dual`;");
    terminal.line("gap = (<D,A> − dual)/|dual|; h = ‖W'A + A'W‖_F/(lr·k) before and after the");
    terminal.line("solver's answer was made exactly tangent, k the short side");
  }

  private Map<String, Object> fields(SingleStep.Result r) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("optimizer", optimizer);
    fields.put("engine", r.engine());
    fields.put("lr", r.learningRate());
    if (r.before().count() > 0) {
      fields.put("constraint_before", r.before().max());
      fields.put("constraint_after", r.after().max());
    }
    r.solve()
        .ifPresent(
            s -> {
              fields.put("solver", s.solver());
              fields.put("iterations", SingleSolve.largest(s.iterations()));
              fields.put("tangency", SingleSolve.largest(s.tangency()));
              fields.put("solver_tangency", SingleSolve.largest(s.solverTangency()));
              fields.put("dual", Arrays.stream(s.dual()).sum());
              fields.put("primal", Arrays.stream(s.primal()).sum());
              fields.put("gap", SingleSolve.largest(s.gap()));
              fields.put("matrices", matrices(s));
            });
    return fields;
  }

  private static List<Map<String, Object>> matrices(SingleSolve s) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (int i = 0; i < s.gap().length; i++) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("iterations", s.iterations()[i]);
      one.put("tangency", s.tangency()[i]);
      one.put("solver_tangency", s.solverTangency()[i]);
      one.put("dual", s.dual()[i]);
      one.put("primal", s.primal()[i]);
      one.put("gap", s.gap()[i]);
      all.add(one);
    }
    return all;
  }
}
