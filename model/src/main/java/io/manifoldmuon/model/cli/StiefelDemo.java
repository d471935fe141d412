package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.polar.PolarIteration;
import io.manifoldmuon.optim.Admm;
import io.manifoldmuon.optim.DualAscent;
import io.manifoldmuon.optim.Irls;
import io.manifoldmuon.optim.LrSchedule;
import io.manifoldmuon.optim.Manifold;
import io.manifoldmuon.optim.OptimizerSession;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.SolverReport;
import io.manifoldmuon.optim.StiefelMuon;
import io.manifoldmuon.optim.StiefelSettings;
import io.manifoldmuon.optim.StiefelSolver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One step of manifold Muon, by every solver. */
@Command(
    name = "stiefel",
    mixinStandardHelpOptions = true,
    header = "Does one step of manifold Muon with every solver, in float64.",
    description = {
      "Takes a random 128 x 64 matrix W with orthonormal columns and a random gradient G, and steps",
      "from W with every solver: how good is the update, what proves it, and how far is the new W",
      "from the manifold?"
    })
final class StiefelDemo implements Callable<Integer> {
  private static final int ROWS = 128;
  private static final int COLUMNS = 64;
  private static final double LR = 0.05;

  private final Terminal terminal;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Decides W and G (${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", description = "Print one line of JSON.")
  private boolean json;

  @Option(names = ConfigurationOptions.STACK_TRACE, hidden = true)
  @SuppressWarnings("unused") // read from the arguments by Main
  private boolean stackTrace;

  /**
   * What a step gave.
   *
   * @param before max|WᵀW − I| before the step
   * @param after the same after it
   * @param report on ⟨G, A⟩ for ‖A‖₂ ≤ 1
   */
  private record Outcome(String solver, double before, double after, SolverReport report) {}

  StiefelDemo(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    List<Outcome> outcomes = new ArrayList<>();
    solvers().forEach((name, solver) -> outcomes.add(step(name, solver)));
    if (json) {
      terminal.line(Json.line(fields(outcomes)));
    } else {
      print(outcomes);
    }
    return Main.DONE;
  }

  private static Map<String, StiefelSolver> solvers() {
    Map<String, StiefelSolver> all = new LinkedHashMap<>();
    all.put("project", new StiefelSolver.Project());
    all.put("dual-ascent, popular", DualAscent.seed(10, 0.1));
    all.put("dual-ascent", DualAscent.of(10, 0.1));
    all.put("admm", Admm.of(50));
    all.put("irls, as in training", Irls.training(1));
    all.put("irls", Irls.certified(50));
    return all;
  }

  private Outcome step(String name, StiefelSolver solver) {
    Parameter w = Parameter.matrix("w", ROWS, COLUMNS);
    StiefelSettings settings =
        StiefelSettings.of(LR)
            .withMomentum(0, false)
            .withSolver(solver)
            .withPolar(PolarIteration.polarExpress(20))
            .withTolerance(1e-15)
            .certified();
    var muon = new StiefelMuon("muon", List.of(w), settings, LrSchedule.constant(0));
    try (OptimizerSession session = OptimizerSession.open("reference", muon)) {
      session.write("w", gaussian("W"));
      session.project("w", new Manifold.Stiefel(1));
      double before = session.constraints().total().max();
      session.step("w", gaussian("G"));
      double after = session.constraints().total().max();
      return new Outcome(name, before, after, session.report(muon, w));
    }
  }

  private double[] gaussian(String stream) {
    double[] x = new double[ROWS * COLUMNS];
    for (int i = 0; i < x.length; i++) {
      x[i] = CounterRandom.gaussian(seed, CounterRandom.stream(stream), i);
    }
    return x;
  }

  private void print(List<Outcome> outcomes) {
    terminal.line(
        Texts.format(
            "One step of manifold Muon in float64: W is %d x %d with W'W = I to %.0e, G is random.",
            ROWS, COLUMNS, outcomes.getFirst().before()));
    terminal.line("");
    terminal.line("  minimise <G,A> over tangent A (W'A + A'W = 0) with norm ‖A‖₂ ≤ " + LR + ",");
    terminal.line("  then W <- nearest point of the manifold to W + A");
    terminal.line("");
    String columns = "%-22s %5s  %9s  %11s  %9s  %7s  %8s";
    terminal.line(
        Texts.format(columns, "solver", "steps", "<G,A>", "no A below", "gap", "h", "|W'W-I|"));
    for (Outcome o : outcomes) {
      SolverReport r = o.report();
      terminal.line(
          Texts.format(
              columns,
              o.solver(),
              Texts.format("%.0f", r.iterations()[0]),
              Texts.format("%.4f", LR * r.primal()[0]),
              Texts.format("%.4f", LR * r.dual()[0]),
              Texts.format("%.2f %%", 100 * r.gap()[0]),
              Texts.format("%.0e", r.tangency()[0]),
              Texts.format("%.0e", o.after())));
    }
    terminal.line("");
    terminal.line(
        "<G,A>       what the step gains to first order, after A was made exactly tangent");
    terminal.line("no A below  the solver's own proof: for any symmetric L, no tangent A of that");
    terminal.line("            norm has <G,A> below -lr·‖G + 2WL‖_*, the sum of singular values");
    terminal.line(
        "gap         what could be left to gain, at most; the proof is the solver's last L");
    terminal.line(
        "h           ‖W'A + A'W‖_F/(lr·64) of the solver's A: how far from tangent it was");
    terminal.line("|W'W-I|     largest element after the step: every new W is on the manifold");
  }

  private Map<String, Object> fields(List<Outcome> outcomes) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (Outcome o : outcomes) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("solver", o.solver());
      one.put("iterations", o.report().iterations()[0]);
      one.put("primal", LR * o.report().primal()[0]);
      one.put("dual", LR * o.report().dual()[0]);
      one.put("gap", o.report().gap()[0]);
      one.put("tangency", o.report().tangency()[0]);
      one.put("constraint_before", o.before());
      one.put("constraint_after", o.after());
      all.add(one);
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("rows", ROWS);
    fields.put("columns", COLUMNS);
    fields.put("lr", LR);
    fields.put("solvers", all);
    return fields;
  }
}
