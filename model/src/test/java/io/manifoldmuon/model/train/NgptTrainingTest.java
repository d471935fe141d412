package io.manifoldmuon.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Batches;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.optim.ComposedOptimizer;
import io.manifoldmuon.optim.ConstraintCheck;
import io.manifoldmuon.optim.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NgptTrainingTest {
  private static final int STEPS = 9;

  private static RunConfig config(String... settings) {
    List<String> all =
        new ArrayList<>(
            List.of("model.n_experts=1", "model.top_k=1", "model.d_ff=12", "train.steps=" + STEPS));
    all.addAll(List.of(settings));
    return TinyRun.config(all.toArray(String[]::new));
  }

  /** The residual after every step, and the weights after the last. */
  private record Run(List<Double> residuals, List<Double> losses, Map<String, double[]> weights) {}

  private static Run train(String engineName, RunConfig config) {
    try (Engine engine = Engines.open(engineName, new EngineOptions(2, ""), _ -> {})) {
      LanguageModel model = TinyRun.start(engine, config);
      ComposedOptimizer optimizer = Optimizers.of(config, model.parameters());
      optimizer
          .state()
          .forEach(
              s ->
                  engine.write(
                      s.name(), Tensor.of(s.type().shape(), new float[s.type().shape().size()])));
      var data = TinyRun.data(config).train();
      Batches batches = new Batches(data, model.vocabulary(), 2, TinyRun.CONTEXT, 1, 0);
      List<Double> residuals = new ArrayList<>();
      List<Double> losses = new ArrayList<>();
      try (TrainStep step = new TrainStep(engine, config, model, optimizer, batches::fill);
          ConstraintCheck check = new ConstraintCheck(engine, optimizer)) {
        for (int i = 0; i < STEPS; i++) {
          losses.add(step.run(i).loss());
          residuals.add(check.run().total().max());
        }
        assertThat(step.expertCounts()).isEmpty();
      }
      Map<String, double[]> weights = new LinkedHashMap<>();
      for (Parameter p : model.parameters()) {
        weights.put(p.variable(), engine.read(p.variable()).doubles());
      }
      return new Run(residuals, losses, weights);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ngpt, adamw",
    "ngpt, muon",
    "ngpt, normuon",
    "ngpt, simple_muon",
    "ngpt, composed_manifold",
    "gated-ngpt, adamw",
    "gated-ngpt, muon"
  })
  void allNormsAreOneAfterEveryStep(String type, String optimizer) {
    RunConfig c = config("model.type=" + type, "model.proj_every=1", "optimizer.type=" + optimizer);
    for (double residual : train("cpu", c).residuals()) {
      assertThat(residual).isLessThanOrEqualTo(1e-6);
    }
  }

  @Test
  void betweenProjectionsNormsAreFree() {
    Run run = train("cpu", config("model.type=gated-ngpt", "model.proj_every=3"));
    for (int i = 0; i < STEPS; i++) {
      boolean projected = (i + 1) % 3 == 0;
      assertThat(run.residuals().get(i)).as("step " + i).matches(r -> r <= 1e-6 == projected);
    }
  }

  /** Along great circles the lengths stay, so that the projection has nothing to do. */
  @ParameterizedTest
  @CsvSource({"geodesic, 0.05", "geodesic-norm, 0.05", "geodesic-norm, 0.9"})
  void geodesicStepsNeedNoProjection(String update, double lr) {
    RunConfig c =
        config(
            "model.type=ngpt",
            "model.proj_every=1000",
            "optimizer.type=muon",
            "optimizer.groups.embedding=frozen",
            "optimizer.muon.lr=" + lr,
            "optimizer.muon.adjust=none",
            "optimizer.muon.update=" + update);
    Run run = train("reference", c);
    for (double residual : run.residuals()) {
      assertThat(residual).isLessThanOrEqualTo(1e-7); // of the Taylor polynomials, and float32
    }
    assertThat(run.losses().getLast()).isLessThan(run.losses().getFirst());
  }

  /** w − ηa, normalised, is the turn by atan η. */
  @Test
  void aStraightStepOnSpheresIsTheGeodesicOneByItsArcTangent() {
    double eta = 0.3;
    String common = "optimizer.hypersphere_muon.";
    String[] base = {
      "model.type=ngpt",
      "optimizer.type=composed_manifold",
      "optimizer.lr_schedule.schedule=constant"
    };
    Run straight = train("reference", config(with(base, common + "base_lr=" + eta)));
    Run turned =
        train(
            "reference",
            config(with(base, common + "base_lr=" + Math.atan(eta), common + "update=geodesic")));
    straight
        .weights()
        .forEach(
            (variable, w) -> {
              double[] other = turned.weights().get(variable);
              for (int i = 0; i < w.length; i++) {
                assertThat(other[i]).as(variable).isEqualTo(w[i], within(1e-6));
              }
            });
    assertThat(straight.losses().getLast()).isLessThan(straight.losses().getFirst());
  }

  private static String[] with(String[] base, String... more) {
    List<String> all = new ArrayList<>(List.of(base));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void whatDoesNotGoTogetherIsRefused() {
    refused("unit vectors", "optimizer.muon.update=geodesic");
    refused("which normalises", "model.type=ngpt", "optimizer.groups.attention=stiefel_muon");
    refused("has no experts", "model.type=ngpt", "model.n_experts=4");
    refused("has no experts", "model.type=ngpt", "model.balance_loss=0.1");
    refused("not normalised", "model.proj_every=2");
    refused("scales of its own", "model.type=ngpt", "model.weight_gain=true");
    refused("keeps lengths", "optimizer.muon.update=geodesic", "optimizer.muon.weight_decay=0.1");
  }

  private static void refused(String message, String... settings) {
    assertThatThrownBy(() -> RunConfig.of(settings))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  @Test
  void theFamilyDecidesDefaultsAndALaterOneDoesSoAgain() {
    RunConfig ngpt = RunConfig.of("model.preset=ngpt-155m");
    assertThat(ngpt.model().type()).hasToString("ngpt");
    assertThat(ngpt.optimizer().type()).hasToString("adamw");
    assertThat(ngpt.optimizer().adamw().weightDecay()).isZero();
    assertThat(ngpt.warmupSteps()).isZero();
    RunConfig gated = RunConfig.of("model.preset=ngpt-155m", "model.type=gated-ngpt");
    assertThat(gated.model().dFf()).isEqualTo(4 * 768);
    assertThat(gated.model().projEvery()).isEqualTo(7);
    RunConfig back =
        new io.manifoldmuon.model.config.ConfigBuilder()
            .yaml(RunConfig.defaults().toYaml(), "saved")
            .set(List.of("model.preset=ngpt-tiny"))
            .build();
    assertThat(back.model().type()).hasToString("ngpt");
  }
}
