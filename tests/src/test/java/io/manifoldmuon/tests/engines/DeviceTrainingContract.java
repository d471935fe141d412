package io.manifoldmuon.tests.engines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.EngineProvider;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.model.train.Gradients;
import io.manifoldmuon.model.train.Optimizers;
import io.manifoldmuon.model.train.Sampler;
import io.manifoldmuon.model.train.TrainStep;
import io.manifoldmuon.optim.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a device must make of a very small mixture-of-experts model: what the reference makes. */
interface DeviceTrainingContract {
  /** Relative to the largest element of a tensor: some hundred float32 roundings. */
  double GRADIENT_TOLERANCE = 2e-5;

  /** The same after two steps, through the solvers of the manifold optimizer. */
  double WEIGHT_TOLERANCE = 2e-4;

  int VOCABULARY = 64;

  /** The engine's name. */
  String engine();

  private RunConfig config(String... more) {
    String[] sizes = {
      "model.d_model=16",
      "model.n_layers=2",
      "model.n_heads=2",
      "model.n_experts=3",
      "model.top_k=2",
      "model.d_ff=24",
      "model.context=12",
      "model.router_noise=0",
      "train.batch_size=2",
      // AdamW divides by |g| + ε: with the usual ε the sign of a gradient of 1e-9 would decide
      "optimizer.adamw.epsilon=1e-3",
      "data.path=synthetic"
    };
    String[] all = Arrays.copyOf(sizes, sizes.length + more.length);
    System.arraycopy(more, 0, all, sizes.length, more.length);
    return RunConfig.of(all);
  }

  private void assumeAvailable() {
    EngineProvider.Probe probe =
        Engines.providers().stream()
            .filter(p -> p.name().equals(engine()))
            .findFirst()
            .orElseThrow()
            .probe();
    assumeTrue(probe.available(), probe.reason());
  }

  private static Engine open(String name) {
    return Engines.open(name, EngineOptions.defaults(), _ -> {});
  }

  /** First weights in float32 on both engines. */
  private static void initialize(Engine engine, LanguageModel model) {
    model
        .initialize(3)
        .forEach((label, w) -> engine.write(label, Tensor.of(w.shape(), w.floats())));
  }

  private static int[] tokens(int count, long stream) {
    int[] x = new int[count];
    Arrays.setAll(x, i -> (int) CounterRandom.below(VOCABULARY, 9, stream, i));
    return x;
  }

  private static void assertClose(String what, double[] got, double[] want, double tolerance) {
    double scale = Arrays.stream(want).map(Math::abs).max().orElseThrow();
    assertThat(scale).as("the reference's " + what).isFinite();
    for (int i = 0; i < want.length; i++) {
      assertThat(Math.abs(got[i] - want[i]) <= tolerance * scale)
          .as("%s[%d] is %s, wanted %s, largest %s", what, i, got[i], want[i], scale)
          .isTrue();
    }
  }

  @Test
  default void gradientsAreTheReferences() {
    assumeAvailable();
    RunConfig config = config();
    LanguageModel model = LanguageModel.of(config.model(), VOCABULARY);
    Shape shape = Shape.of(2, 12);
    Tensor ids = Tensor.of(shape, tokens(24, 1));
    Tensor targets = Tensor.of(shape, tokens(24, 2));
    try (Engine device = open(engine());
        Engine reference = open("reference")) {
      initialize(device, model);
      initialize(reference, model);
      Gradients got = Gradients.of(device, model, ids, targets);
      Gradients want = Gradients.of(reference, model, ids, targets);
      assertClose("loss", array(got.loss()), array(want.loss()), GRADIENT_TOLERANCE);
      assertThat(want.stacks()).hasSize(model.parameters().size());
      want.stacks()
          .forEach(
              (name, g) ->
                  assertClose(
                      "gradient of " + name,
                      got.stacks().get(name).doubles(),
                      g.doubles(),
                      GRADIENT_TOLERANCE));
    }
  }

  /** Likeliest tokens, by the key-value cache on the device and without it on the reference. */
  @Test
  default void tokensFromTheCacheAreTheReferences() {
    assumeAvailable();
    RunConfig config = config("model.weight_gain=true");
    LanguageModel model = LanguageModel.of(config.model(), VOCABULARY);
    var greedy = new Sampler.Settings(0, 0, 1, 14); // beyond the context of 12
    List<Integer> got = new ArrayList<>();
    List<Integer> want = new ArrayList<>();
    try (Engine device = open(engine());
        Engine reference = open("reference")) {
      initialize(device, model);
      initialize(reference, model);
      try (Sampler cached = Sampler.cached(device, model, config.model());
          Sampler plain = Sampler.uncached(reference, model, config.model())) {
        cached.sample(new int[] {7, 8}, greedy, got::add);
        plain.sample(new int[] {7, 8}, greedy, want::add);
      }
    }
    assertThat(got).isEqualTo(want);
  }

  private static double[] array(double x) {
    return new double[] {x};
  }

  @Test
  default void weightsAfterTwoManifoldStepsAreTheReferences() {
    steps(config("optimizer.type=composed_manifold"));
  }

  @Test
  default void weightsAfterTwoAdamWStepsOfTwoMicroBatchesAreTheReferences() {
    steps(config("optimizer.type=adamw", "train.grad_accumulation=2"));
  }

  private void steps(RunConfig config) {
    assumeAvailable();
    Map<String, double[]> got = train(engine(), config);
    Map<String, double[]> want = train("reference", config);
    want.forEach((name, w) -> assertClose(name, got.get(name), w, WEIGHT_TOLERANCE));
  }

  /** Losses, weights and the optimizer's state after two steps. */
  private static Map<String, double[]> train(String name, RunConfig config) {
    Map<String, double[]> result = new LinkedHashMap<>();
    LanguageModel model = LanguageModel.of(config.model(), VOCABULARY);
    var optimizer = Optimizers.of(config, model.parameters());
    try (Engine engine = open(name)) {
      Optimizers.initialWeights(config, model)
          .forEach((label, w) -> engine.write(label, Tensor.of(w.shape(), w.floats())));
      try (TrainStep step =
          new TrainStep(engine, config, model, optimizer, DeviceTrainingContract::fill)) {
        for (int i = 0; i < 2; i++) {
          TrainStep.Result r = step.run(i);
          result.put("loss of step " + i, array(r.loss()));
          result.put("gradient norm of step " + i, array(r.gradNorm()));
        }
      }
      for (Parameter p : model.parameters()) {
        result.put(p.variable(), engine.read(p.variable()).doubles());
      }
    }
    return result;
  }

  private static void fill(long step, int microBatch, int[] ids, int[] targets) {
    System.arraycopy(tokens(ids.length, 10 * step + microBatch), 0, ids, 0, ids.length);
    System.arraycopy(tokens(ids.length, 5 + 10 * step + microBatch), 0, targets, 0, ids.length);
  }
}
