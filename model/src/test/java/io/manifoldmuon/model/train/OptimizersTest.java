package io.manifoldmuon.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.polar.PolarIteration;
import io.manifoldmuon.linalg.polar.Precision;
import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.MuonConfig;
import io.manifoldmuon.model.config.OptimizerType;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Batches;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.optim.ComposedOptimizer;
import io.manifoldmuon.optim.ConstraintCheck;
import io.manifoldmuon.optim.Optimizer;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Role;
import io.manifoldmuon.optim.Solve;
import io.manifoldmuon.optim.StateVariable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizersTest {

  /** Repeats one batch: every optimizer must learn it. */
  @ParameterizedTest
  @EnumSource(OptimizerType.class)
  void everyTypeLearnsABatch(OptimizerType type) {
    try (Engine engine = TinyRun.reference()) {
      assertLearnsABatch(engine, "optimizer.type=" + type);
    }
  }

  /** Polar factors by singular value decomposition, where iterations are the default. */
  @ParameterizedTest
  @CsvSource({"muon,reference", "composed_manifold,reference", "muon,cpu", "composed_manifold,cpu"})
  void polarFactorsMayComeFromTheSvd(String type, String engineName) {
    try (Engine engine = Engines.open(engineName, EngineOptions.defaults(), _ -> {})) {
      assertLearnsABatch(
          engine,
          "optimizer.type=" + type,
          "optimizer.muon.polar=svd",
          "optimizer.stiefel_muon.polar=svd");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu"})
  void polarFactorsMayBeMadeByRoundedProducts(String engineName) {
    String precision = "optimizer.muon.polar_precision=bfloat16";
    MuonConfig muon = TinyRun.config("optimizer.type=muon", precision).optimizer().muon();
    assertThat(Optimizers.muon(muon, Optional.empty()).polar())
        .isEqualTo(PolarIteration.muonQuintic(5).in(Precision.BFLOAT16));
    try (Engine engine = Engines.open(engineName, EngineOptions.defaults(), _ -> {})) {
      assertLearnsABatch(engine, "optimizer.type=muon", precision);
    }
  }

  private static void assertLearnsABatch(Engine engine, String... settings) {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("train.steps=12");
    RunConfig config = TinyRun.config(all.toArray(String[]::new));
    try (Dataset data = TinyRun.data(config)) {
      LanguageModel model = TinyRun.model(config);
      Optimizers.initialWeights(config, model).forEach(engine::write);
      Optimizer optimizer = Optimizers.of(config, model.parameters());
      assertThat(optimizer.parameters()).containsExactlyInAnyOrderElementsOf(model.parameters());
      var batches =
          new Batches(
              data.train(), model.vocabulary(), 2, config.model().context(), config.train().seed());
      try (TrainStep step =
          new TrainStep(
              engine,
              config,
              model,
              optimizer,
              (_, micro, ids, targets) -> batches.fill(0, micro, ids, targets))) {
        double first = step.run(0).loss();
        double last = first;
        for (int i = 1; i < 12; i++) {
          last = step.run(i).loss();
        }
        assertThat(last).as("loss, from " + first).isLessThan(first - 0.05);
        try (ConstraintCheck check = new ConstraintCheck(engine, optimizer)) {
          assertThat(check.run().total().max()).isLessThan(2e-6);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = OptimizerType.class,
      names = {"MUON", "NORMUON", "SIMPLE_MUON"})
  void matricesGoToMuonAndTheRestToAdamW(OptimizerType type) {
    RunConfig config = TinyRun.config("optimizer.type=" + type, "model.weight_gain=true");
    List<Parameter> parameters = TinyRun.model(config).parameters();
    ComposedOptimizer composed = Optimizers.of(config, parameters);
    assertThat(composed.groups().get(0).parameters())
        .extracting(Parameter::role)
        .containsOnly(Role.ATTENTION, Role.EXPERT_UP, Role.EXPERT_DOWN);
    assertThat(composed.groups().get(1).parameters())
        .extracting(Parameter::role)
        .containsOnly(Role.EMBEDDING, Role.ROUTER, Role.GAIN);
    assertThat(composed.learningRate(5)).isGreaterThan(config.optimizer().adamw().lr());
  }

  @Test
  void theManifoldsOfTheComposition() {
    RunConfig config =
        TinyRun.config(
            "optimizer.type=composed_manifold",
            "optimizer.stiefel_muon.radius=1.5",
            "model.weight_gain=true",
            "model.shared_expert=true");
    LanguageModel model = TinyRun.model(config);
    Optimizer optimizer = Optimizers.of(config, model.parameters());
    assertThat(optimizer.constraints().stream().filter(c -> c.manifold().equals("stiefel")))
        .extracting(c -> c.parameter().role())
        .containsOnly(Role.ATTENTION, Role.EXPERT_UP, Role.EXPERT_DOWN)
        .hasSize(5);
    assertThat(optimizer.constraints().stream().filter(c -> c.manifold().equals("sphere")))
        .extracting(c -> c.parameter().role())
        .containsExactly(Role.EMBEDDING, Role.ROUTER);
    try (Engine engine = TinyRun.reference()) {
      Optimizers.initialWeights(config, model).forEach(engine::write);
      try (ConstraintCheck check = new ConstraintCheck(engine, optimizer)) {
        ConstraintCheck.Report report = check.run();
        assertThat(report.total().max()).isLessThan(1e-6);
        // 8 attention matrices, 6 + 6 of experts, 2 + 2 shared
        assertThat(report.byManifold().get("stiefel").count()).isEqualTo(24);
        assertThat(report.byManifold().get("sphere").count()).isEqualTo(256 + 6);
      }
    }
  }

  @Test
  void irlsKeepsItsMultipliersAndTheManifold() {
    RunConfig config =
        TinyRun.config(
            "optimizer.type=composed_manifold",
            "optimizer.stiefel_muon.solver=irls",
            "optimizer.stiefel_muon.dual_steps=2");
    LanguageModel model = TinyRun.model(config);
    Optimizer optimizer = Optimizers.of(config, model.parameters());
    assertThat(optimizer.state())
        .extracting(StateVariable::name)
        .contains("stiefel.t.experts.up", "stiefel.t.experts.down")
        .doesNotContain("stiefel.t.attention"); // square: solved by formula
    try (Dataset data = TinyRun.data(config);
        Engine engine = TinyRun.reference()) {
      Optimizers.initialWeights(config, model).forEach(engine::write);
      var batches =
          new Batches(
              data.train(), model.vocabulary(), 2, config.model().context(), config.train().seed());
      try (TrainStep step = new TrainStep(engine, config, model, optimizer, batches::fill);
          ConstraintCheck check = new ConstraintCheck(engine, optimizer)) {
        for (int i = 0; i < 6; i++) {
          step.run(i);
        }
        assertThat(check.run().total().max()).isLessThan(1e-6);
      }
    }
  }

  private static final String MATRICES =
      "optimizer.groups={attention: %1$s, expert_up: %1$s, expert_down: %1$s}";

  static Stream<Arguments> ablations() {
    return Stream.of(
        Arguments.of("Muon on matrices", List.of(MATRICES.formatted("muon")), 0, 0),
        Arguments.of(
            "Stiefel on attention", List.of("optimizer.groups.attention=stiefel_muon"), 8, 0),
        Arguments.of("Stiefel on matrices", List.of(MATRICES.formatted("stiefel_muon")), 20, 0),
        Arguments.of(
            "and sphere embeddings",
            List.of(
                MATRICES.formatted("stiefel_muon"), "optimizer.groups.embedding=hypersphere_muon"),
            20,
            256),
        Arguments.of("everything", List.of("optimizer.type=composed_manifold"), 20, 256 + 6),
        Arguments.of(
            "all at once",
            List.of(
                "optimizer.groups={attention: normuon, expert_up: stiefel_muon, expert_down:"
                    + " simple_muon, embedding: hypersphere_muon, router: muon, gain: adamw}",
                "optimizer.adamw.cautious=true",
                "optimizer.muon.cautious=true",
                "optimizer.muon.weight_decay=0.1",
                "optimizer.modular_scaling.enable_depth_scaling=true",
                "optimizer.modular_scaling.lr_scale={router: 0.5, expert_up: 2}"),
            6,
            256),
        Arguments.of("dual ascent", solver("dual-ascent", "dual_steps: 3, dual_lr: 0.2"), 20, 262),
        Arguments.of("seed convention", solver("dual-ascent", "convention: seed"), 20, 262),
        Arguments.of("admm", solver("admm", "dual_steps: 3"), 20, 262),
        Arguments.of("irls", solver("irls", "dual_steps: 3, warm_start: false"), 20, 262),
        Arguments.of(
            "by head",
            List.of("optimizer.type=composed_manifold", "optimizer.stiefel_muon.by_head=true"),
            8 * 2 + 12,
            262),
        Arguments.of("preset", solver("dual-ascent", "preset: conservative"), 20, 262),
        Arguments.of(
            "other vectors",
            List.of(
                "optimizer.groups={embedding: stiefel_muon, router: hypersphere_muon,"
                    + " expert_up: hypersphere_muon, gain: frozen}",
                "optimizer.hypersphere_muon.mode=per_column"),
            1,
            (2 + 2 * 3) * 8));
  }

  private static List<String> solver(String name, String more) {
    return List.of(
        "optimizer.type=composed_manifold",
        "optimizer.stiefel_muon={solver: " + name + ", " + more + "}",
        "optimizer.modular_scaling.enable_depth_scaling=true");
  }

  /** The first weights are on the manifolds of the groups, and training keeps them there. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("ablations")
  void groupsCanBeMixed(String name, List<String> settings, long matrices, long vectors) {
    RunConfig config = TinyRun.config(settings.toArray(String[]::new));
    LanguageModel model = TinyRun.model(config);
    ComposedOptimizer optimizer = Optimizers.of(config, model.parameters());
    assertThat(optimizer.parameters()).containsExactlyInAnyOrderElementsOf(model.parameters());
    try (Dataset data = TinyRun.data(config);
        Engine engine = TinyRun.reference()) {
      Optimizers.initialWeights(config, model).forEach(engine::write);
      var batches =
          new Batches(
              data.train(), model.vocabulary(), 2, config.model().context(), config.train().seed());
      try (TrainStep step = new TrainStep(engine, config, model, optimizer, batches::fill);
          ConstraintCheck check = new ConstraintCheck(engine, optimizer)) {
        for (int i = 0; i < 5; i++) {
          ConstraintCheck.Report report = check.run();
          assertThat(report.total().violations()).as("step " + i).isZero();
          assertThat(count(report, "stiefel")).isEqualTo(matrices);
          assertThat(count(report, "sphere")).isEqualTo(vectors);
          step.run(i);
        }
      }
    }
  }

  private static long count(ConstraintCheck.Report report, String manifold) {
    var residual = report.byManifold().get(manifold);
    return residual == null ? 0 : residual.count();
  }

  @Test
  void frozenGroupsStay() {
    RunConfig config = TinyRun.config("optimizer.groups.embedding=frozen");
    LanguageModel model = TinyRun.model(config);
    Optimizer optimizer = Optimizers.of(config, model.parameters());
    try (Dataset data = TinyRun.data(config);
        Engine engine = TinyRun.reference()) {
      Optimizers.initialWeights(config, model).forEach(engine::write);
      double[] table = engine.read("embedding").doubles();
      double[] attention = engine.read("attention").doubles();
      var batches =
          new Batches(
              data.train(), model.vocabulary(), 2, config.model().context(), config.train().seed());
      try (TrainStep step = new TrainStep(engine, config, model, optimizer, batches::fill)) {
        step.run(0);
      }
      assertThat(engine.read("embedding").doubles()).isEqualTo(table);
      assertThat(engine.read("attention").doubles()).isNotEqualTo(attention);
    }
  }

  /** What only the optimizers themselves know is a matter of the configuration all the same. */
  @Test
  void whatOptimizersRefuseNamesTheConfiguration() {
    String[] small = {"optimizer.type=composed_manifold", "optimizer.stiefel_muon.epsilon=0.01"};
    RunConfig inFloat32 = TinyRun.config(small[0], small[1], "engine.name=cpu");
    assertThatThrownBy(() -> Optimizers.of(inFloat32, TinyRun.model(inFloat32).parameters()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("optimizer.stiefel_muon.epsilon is 0.01", "0.02 on engine cpu");
    RunConfig inFloat64 = TinyRun.config(small[0], small[1], "engine.name=reference");
    assertThat(Optimizers.of(inFloat64, TinyRun.model(inFloat64).parameters()).state())
        .isNotEmpty();
    RunConfig far =
        TinyRun.config(
            "model.type=ngpt",
            "model.n_experts=1",
            "model.top_k=1",
            "optimizer.type=muon",
            "optimizer.muon.update=geodesic",
            "optimizer.muon.lr=0.6",
            "optimizer.modular_scaling.lr_scale.attention=20");
    assertThatThrownBy(() -> Optimizers.of(far, TinyRun.model(far).parameters()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("learning rate of 12", "attention", "great circles");
  }

  @Test
  void solversAreTheConfiguredOnes() {
    assertThat(solverState("dual-ascent", "warm_start: true")).contains("stiefel.t.experts.up");
    assertThat(solverState("dual-ascent", "warm_start: false")).noneMatch(n -> n.contains(".t."));
    assertThat(solverState("dual-ascent", "convention: seed")).noneMatch(n -> n.contains(".t."));
    assertThat(solverState("admm", "dual_steps: 2")).noneMatch(n -> n.contains(".t."));
    RunConfig config =
        TinyRun.config("optimizer.type=composed_manifold", "optimizer.stiefel_muon.solver=admm");
    assertThat(Optimizers.of(config, TinyRun.model(config).parameters()).solves())
        .extracting(Solve::solver)
        .containsExactlyInAnyOrder("exact", "admm", "admm");
  }

  private static List<String> solverState(String solver, String more) {
    RunConfig config = TinyRun.config(solver(solver, more).toArray(String[]::new));
    return Optimizers.of(config, TinyRun.model(config).parameters()).state().stream()
        .map(StateVariable::name)
        .toList();
  }

  @Test
  void onlyNorMuonHasRowMeans() {
    assertThat(state("muon")).noneMatch(name -> name.startsWith("muon.v."));
    assertThat(state("simple_muon"))
        .contains("simple_muon.b.attention")
        .noneMatch(name -> name.contains(".v.") && !name.startsWith("adamw."));
    assertThat(state("normuon")).contains("normuon.b.attention", "normuon.v.attention");
  }

  private static List<String> state(String type) {
    RunConfig config = TinyRun.config("optimizer.type=" + type);
    return Optimizers.of(config, TinyRun.model(config).parameters()).state().stream()
        .map(StateVariable::name)
        .toList();
  }
}
