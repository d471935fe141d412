package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.ConfigBuilder;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Batches;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.train.EngineOpening;
import io.manifoldmuon.model.train.SolverComparison;
import io.manifoldmuon.optim.SolverReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The table of {@code bench --solvers}: what each way to an update costs and how good it is. */
final class SolverTable {
  private static final String DUAL_STEPS = "optimizer.stiefel_muon.dual_steps";

  /** A row: a name, and settings over those that were given. */
  private record Arm(String name, Map<String, String> settings) {
    static Arm of(String type) {
      return new Arm(type, Map.of("optimizer.type", type));
    }

    static Arm stiefel(String name, String solver, String... pairs) {
      Map<String, String> settings = new LinkedHashMap<>();
      settings.put("optimizer.type", "composed_manifold");
      settings.put("optimizer.stiefel_muon.solver", solver);
      for (int i = 0; i < pairs.length; i += 2) {
        settings.put(pairs[i], pairs[i + 1]);
      }
      return new Arm(name, settings);
    }
  }

  private static final List<Arm> ARMS =
      List.of(
          Arm.of("adamw"),
          Arm.of("muon"),
          Arm.stiefel("project", "project"),
          Arm.stiefel("irls, 1 warm", "irls", DUAL_STEPS, "1"),
          Arm.stiefel("irls, 2 warm", "irls", DUAL_STEPS, "2"),
          Arm.stiefel("dual-ascent, 10", "dual-ascent", DUAL_STEPS, "10"),
          Arm.stiefel(
              "dual-ascent, 10, seed",
              "dual-ascent",
              DUAL_STEPS,
              "10",
              "optimizer.stiefel_muon.convention",
              "seed"),
          Arm.stiefel("admm, 10", "admm", DUAL_STEPS, "10"));

  private final Terminal terminal;
  private final boolean json;

  SolverTable(Terminal terminal, boolean json) {
    this.terminal = terminal;
    this.json = json;
  }

  /**
   * Measures and prints row after row.
   *
   * @param settings makes a new builder with the settings that were given
   */
  void print(Supplier<ConfigBuilder> settings, int untimed, int timed) {
    Terminal messages = json ? terminal.messagesOnly() : terminal;
    RunConfig base = settings.get().build();
    try (Dataset text = Dataset.open(base.data(), base.model().context(), messages::notice)) {
      messages.line(
          Texts.format(
              "%s, %,d tokens a step, %d steps after %d",
              base.model().preset(), base.tokensPerStep(), timed, untimed));
      messages.line(
          Texts.format(
              "%-22s %9s %8s %7s %8s %9s %9s %9s",
              "optimizer", "ms", "x muon", "share", "Gflop", "mean gap", "max gap", "tangency"));
      Map<String, SolverComparison.Cost> costs = new LinkedHashMap<>();
      for (Arm arm : ARMS) {
        costs.put(arm.name, cost(arm, settings, text, messages, untimed, timed));
        if (costs.containsKey("muon")) {
          row(arm.name, costs);
        }
        if (arm.name.equals("muon")) {
          row("adamw", costs);
        }
      }
    }
  }

  private static SolverComparison.Cost cost(
      Arm arm,
      Supplier<ConfigBuilder> settings,
      Dataset text,
      Terminal messages,
      int untimed,
      int timed) {
    ConfigBuilder builder = settings.get();
    arm.settings.forEach((key, value) -> builder.option("--solvers", key, value));
    RunConfig config = builder.build();
    int vocabulary = text.tokenizer().vocabSize();
    Batches batches =
        new Batches(
            text.train(),
            vocabulary,
            config.train().batchSize(),
            config.model().context(),
            config.train().seed());
    try (Engine engine = EngineOpening.open(config.engine(), messages::notice)) {
      return SolverComparison.measure(engine, config, vocabulary, batches::fill, untimed, timed);
    }
  }

  private void row(String name, Map<String, SolverComparison.Cost> costs) {
    SolverComparison.Cost c = costs.get(name);
    SolverReport solved = c.solved();
    double ratio = c.optimizerMs() / costs.get("muon").optimizerMs();
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("optimizer", name);
      fields.put("optimizer_ms", c.optimizerMs());
      fields.put("ratio_to_muon", ratio);
      fields.put("share_of_step", c.share());
      fields.put("gigaflops", c.gigaflops());
      if (solved != null) {
        fields.put("gap_mean", solved.meanGap());
        fields.put("gap_max", solved.worstGap());
        fields.put("tangency_max", solved.worstTangency());
      }
      terminal.line(Json.line(fields));
      return;
    }
    String quality =
        solved == null
            ? Texts.format("%9s %9s %9s", "", "", "")
            : Texts.format(
                "%9.1e %9.1e %9.1e", solved.meanGap(), solved.worstGap(), solved.worstTangency());
    terminal.line(
        Texts.format(
            "%-22s %9.1f %8.2f %6.1f%% %8.1f %s",
            name, c.optimizerMs(), ratio, 100 * c.share(), c.gigaflops(), quality));
  }
}
