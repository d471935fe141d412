package io.manifoldmuon.model.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.model.config.OptimizerType;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Batches;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.nn.MoeLanguageModel;
import io.manifoldmuon.optim.ComposedOptimizer;
import io.manifoldmuon.optim.ConstraintCheck;
import io.manifoldmuon.optim.Optimizer;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Role;
import io.manifoldmuon.optim.StateVariable;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

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

  private static void assertLearnsABatch(Engine engine, String... settings) {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("train.steps=12");
    RunConfig config = TinyRun.config(all.toArray(String[]::new));
    try (Dataset data = TinyRun.data(config)) {
      MoeLanguageModel model = TinyRun.model(config);
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
    var composed = (ComposedOptimizer) Optimizers.of(config, parameters);
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
    MoeLanguageModel model = TinyRun.model(config);
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
    MoeLanguageModel model = TinyRun.model(config);
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

  @Test
  void onlyNorMuonHasRowMeans() {
    assertThat(state("muon")).noneMatch(name -> name.startsWith("muon.v."));
    assertThat(state("simple_muon")).noneMatch(name -> name.startsWith("muon.v."));
    assertThat(state("normuon")).contains("muon.b.attention", "muon.v.attention");
  }

  private static List<String> state(String type) {
    RunConfig config = TinyRun.config("optimizer.type=" + type);
    return Optimizers.of(config, TinyRun.model(config).parameters()).state().stream()
        .map(StateVariable::name)
        .toList();
  }
}
