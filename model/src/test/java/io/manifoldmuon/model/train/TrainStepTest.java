package io.manifoldmuon.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Batches;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.optim.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainStepTest {
  private static final int STEPS = 4;

  /** What a few steps leave behind. */
  private record Outcome(
      List<TrainStep.Result> results, List<double[]> counts, Map<String, double[]> variables) {}

  private static Outcome run(String engineName, RunConfig config) {
    try (Dataset data = TinyRun.data(config);
        Engine engine = Engines.open(engineName, new EngineOptions(2, ""), n -> {})) {
      LanguageModel model = TinyRun.start(engine, config);
      var optimizer = Optimizers.of(config, model.parameters());
      var batches =
          new Batches(
              data.train(),
              model.vocabulary(),
              config.train().batchSize(),
              config.model().context(),
              config.train().seed());
      List<TrainStep.Result> results = new ArrayList<>();
      List<double[]> counts = new ArrayList<>();
      try (TrainStep step = new TrainStep(engine, config, model, optimizer, batches::fill)) {
        for (int i = 0; i < STEPS; i++) {
          results.add(step.run(i));
          counts.add(step.expertCounts().orElseThrow().doubles().clone());
        }
      }
      Map<String, double[]> variables = new HashMap<>();
      model.parameters().forEach(p -> read(engine, p.variable(), variables));
      model.stateVariables().forEach(v -> read(engine, v.name(), variables));
      optimizer.state().forEach(v -> read(engine, v.name(), variables));
      return new Outcome(results, counts, variables);
    }
  }

  private static void read(Engine engine, String variable, Map<String, double[]> into) {
    into.put(variable, engine.read(variable).doubles().clone());
  }

  @ParameterizedTest
  @CsvSource({"4,1,2,2", "6,1,2,3", "4,1,1,4"})
  void accumulatedMicroBatchesEqualOneLargeBatch(int b1, int n1, int b2, int n2) {
    Outcome whole =
        run("reference", TinyRun.config("train.batch_size=" + b1, "train.grad_accumulation=" + n1));
    Outcome parts =
        run("reference", TinyRun.config("train.batch_size=" + b2, "train.grad_accumulation=" + n2));
    for (int i = 0; i < STEPS; i++) {
      TrainStep.Result a = whole.results().get(i);
      TrainStep.Result b = parts.results().get(i);
      assertThat(b.loss()).isCloseTo(a.loss(), within(1e-10));
      assertThat(b.gradNorm()).isCloseTo(a.gradNorm(), within(1e-10));
      assertThat(b.routerEntropy().orElseThrow())
          .isCloseTo(a.routerEntropy().orElseThrow(), within(1e-10));
      assertThat(parts.counts().get(i)).containsExactly(whole.counts().get(i));
    }
    whole
        .variables()
        .forEach(
            (name, x) ->
                assertThat(parts.variables().get(name)).as(name).containsExactly(x, within(1e-9)));
  }

  @Test
  void routerBiasSeesTheLoadOfAllMicroBatches() {
    Outcome whole =
        run("reference", TinyRun.config("train.batch_size=4", "model.router_bias=true"));
    Outcome parts =
        run(
            "reference",
            TinyRun.config(
                "train.batch_size=2", "train.grad_accumulation=2", "model.router_bias=true"));
    assertThat(whole.variables().get("router.bias")).isNotEqualTo(new double[6]);
    assertThat(parts.variables().get("router.bias"))
        .containsExactly(whole.variables().get("router.bias"), within(1e-12));
  }

  @Test
  void accumulationForgetsTheStepBefore() {
    RunConfig config = TinyRun.config("train.grad_accumulation=2");
    try (Engine engine = TinyRun.reference()) {
      LanguageModel model = TinyRun.start(engine, config);
      var optimizer = Optimizers.of(config, model.parameters());
      var batches = new RandomBatches(TinyRun.VOCABULARY, 1);
      try (TrainStep step = new TrainStep(engine, config, model, optimizer, batches)) {
        step.run(0);
        for (Parameter p : model.parameters()) {
          assertThat(engine.read("grad." + p.variable()).doubles()).containsOnly(0.0);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu"})
  void twoRunsAreBitIdentical(String engine) {
    RunConfig config = TinyRun.config("model.router_noise=0.1", "model.balance_loss=0.01");
    Outcome first = run(engine, config);
    Outcome second = run(engine, config);
    for (int i = 0; i < STEPS; i++) {
      assertThat(second.results().get(i).loss()).isEqualTo(first.results().get(i).loss());
    }
    first
        .variables()
        .forEach((name, x) -> assertThat(second.variables().get(name)).as(name).isEqualTo(x));
  }

  @Test
  void anotherSeedIsAnotherRun() {
    Outcome first = run("reference", TinyRun.config("train.seed=1"));
    Outcome second = run("reference", TinyRun.config("train.seed=2"));
    assertThat(second.results().getLast().loss()).isNotEqualTo(first.results().getLast().loss());
  }

  @Test
  void clippingBoundsTheStepButNotTheReportedNorm() {
    Outcome free = run("reference", TinyRun.config("train.grad_clip=0"));
    Outcome clipped = run("reference", TinyRun.config("train.grad_clip=1e-3"));
    assertThat(clipped.results().getFirst().gradNorm())
        .isEqualTo(free.results().getFirst().gradNorm())
        .isGreaterThan(0.1);
    assertThat(norm(clipped.variables().get("adamw.m.attention")))
        .isLessThanOrEqualTo(1e-3)
        .isLessThan(norm(free.variables().get("adamw.m.attention")));
  }

  private static double norm(double[] x) {
    return Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
  }

  @Test
  void weightsThatAreNotFiniteAreANumericalError() {
    RunConfig config = TinyRun.config();
    try (Engine engine = TinyRun.reference()) {
      LanguageModel model = TinyRun.start(engine, config);
      Tensor gains = engine.read("gains");
      double[] spoilt = gains.doubles().clone();
      spoilt[0] = Double.NaN;
      engine.write("gains", Tensor.of(gains.shape(), spoilt));
      var optimizer = Optimizers.of(config, model.parameters());
      var batches = new RandomBatches(TinyRun.VOCABULARY, 1);
      try (TrainStep step = new TrainStep(engine, config, model, optimizer, batches)) {
        assertThatThrownBy(() -> step.run(6))
            .isInstanceOf(NumericalException.class)
            .hasMessageContaining("NaN")
            .hasMessageContaining("step 7");
      }
    }
  }
}
