package io.manifoldmuon.model.nn;

import static io.manifoldmuon.model.nn.TinyModel.ALL_BUT_ROUND_ROBIN;
import static io.manifoldmuon.model.nn.TinyModel.BATCH;
import static io.manifoldmuon.model.nn.TinyModel.EXPERTS;
import static io.manifoldmuon.model.nn.TinyModel.LAYERS;
import static io.manifoldmuon.model.nn.TinyModel.TIME;
import static io.manifoldmuon.model.nn.TinyModel.VOCABULARY;
import static io.manifoldmuon.model.nn.TinyModel.forward;
import static io.manifoldmuon.model.nn.TinyModel.scalar;
import static io.manifoldmuon.model.nn.TinyModel.tokens;
import static io.manifoldmuon.model.nn.TinyModel.weights;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.model.nn.TinyModel.Option;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ForwardTest {
  private static final long SEED = 7;

  /** float64, sums of at most some dozen terms of order 1, a few layers deep. */
  private static final double CLOSE = 1e-11;

  private static Stream<ModelConfig> models() {
    return Stream.of(
        TinyModel.config(2),
        TinyModel.config(1, Option.BALANCE_LOSS, Option.Z_LOSS),
        TinyModel.config(3, 2, Option.BIAS, Option.SHARED_EXPERT, Option.BALANCE_LOSS),
        TinyModel.config(2, Option.ROUND_ROBIN, Option.BALANCE_LOSS, Option.WEIGHT_GAIN),
        TinyModel.config(EXPERTS, ALL_BUT_ROUND_ROBIN),
        TinyModel.config(2, ALL_BUT_ROUND_ROBIN));
  }

  @ParameterizedTest
  @MethodSource("models")
  void equalsThePlainLoops(ModelConfig c) {
    LanguageModel model = TinyModel.model(c);
    Map<String, Tensor> weights = weights(model, SEED);
    Tensor ids = tokens(BATCH, 1);
    Tensor targets = tokens(BATCH, 2);
    Map<String, Tensor> got = forward(model, weights, ids, targets, Mode.EVAL);
    PlainModel want =
        new PlainModel(c, model.layout().split(weights)).run(BATCH, ids.ints(), targets.ints());
    close(got.get("logits"), flat(want.logits), CLOSE);
    close(got.get("counts"), flat(want.counts), 0);
    assertThat(scalar(got.get("loss"))).isEqualTo(want.loss, within(CLOSE));
    assertThat(scalar(got.get("objective"))).isEqualTo(want.loss, within(CLOSE));
    assertThat(scalar(got.get("balanceLoss"))).isEqualTo(want.balanceLoss, within(CLOSE));
    assertThat(scalar(got.get("zLoss"))).isEqualTo(want.zLoss, within(CLOSE));
    assertThat(scalar(got.get("routerEntropy"))).isEqualTo(want.entropy, within(CLOSE));
    double[] perToken = got.get("lossPerToken").doubles();
    assertThat(perToken).hasSize(BATCH * TIME);
    assertThat(Arrays.stream(perToken).average().orElseThrow()).isEqualTo(want.loss, within(CLOSE));
  }

  @Test
  void allExpertsChosenIsTheDenseSoftmaxMixture() {
    // the plain loops with k = E are that mixture; no bias or noise can change it
    ModelConfig all = TinyModel.config(EXPERTS, Option.BIAS, Option.NOISE);
    LanguageModel model = TinyModel.model(all);
    Map<String, Tensor> weights = weights(model, SEED);
    Tensor ids = tokens(BATCH, 1);
    Tensor noisy = forward(model, weights, ids, ids, Mode.TRAIN, 5, null).get("logits");
    Map<String, Tensor> named = model.layout().split(weights);
    named.keySet().removeIf(name -> name.endsWith(".bias"));
    PlainModel dense = new PlainModel(all, named).run(BATCH, ids.ints(), ids.ints());
    close(noisy, flat(dense.logits), CLOSE);
  }

  @Test
  void trainingAddsTheAuxiliaryLossesToTheObjective() {
    LanguageModel model = TinyModel.model(TinyModel.config(2, ALL_BUT_ROUND_ROBIN));
    Tensor ids = tokens(BATCH, 1);
    Map<String, Tensor> got = forward(model, weights(model, SEED), ids, ids, Mode.TRAIN);
    double balance = scalar(got.get("balanceLoss"));
    double z = scalar(got.get("zLoss"));
    assertThat(balance).isPositive();
    assertThat(z).isPositive();
    assertThat(scalar(got.get("objective")))
        .isEqualTo(scalar(got.get("loss")) + balance + z, within(CLOSE));
  }

  @Test
  void permutingTheBatchPermutesTheOutput() {
    LanguageModel model = TinyModel.model(TinyModel.config(2, Option.SHARED_EXPERT, Option.BIAS));
    Map<String, Tensor> weights = weights(model, SEED);
    Tensor ids = tokens(BATCH, 1);
    int[] turned = new int[BATCH * TIME]; // window b moves to (b+1) mod B
    for (int i = 0; i < turned.length; i++) {
      turned[(i + TIME) % turned.length] = ids.ints()[i];
    }
    Tensor other = Tensor.of(ids.shape(), turned);
    double[] a = forward(model, weights, ids, ids, Mode.EVAL).get("logits").doubles();
    double[] b = forward(model, weights, other, other, Mode.EVAL).get("logits").doubles();
    for (int i = 0; i < a.length; i++) {
      assertThat(b[(i + TIME * VOCABULARY) % a.length]).isEqualTo(a[i], within(CLOSE));
    }
  }

  @Test
  void aLaterTokenDoesNotChangeEarlierLogits() {
    LanguageModel model = TinyModel.model(TinyModel.config(2, Option.SHARED_EXPERT));
    Map<String, Tensor> weights = weights(model, SEED);
    Tensor ids = tokens(BATCH, 1);
    int changed = TIME + 3; // position 3 of the second window
    int[] other = ids.ints().clone();
    other[changed] = (other[changed] + 1) % VOCABULARY;
    Tensor ids2 = Tensor.of(ids.shape(), other);
    double[] a = forward(model, weights, ids, ids, Mode.EVAL).get("logits").doubles();
    double[] b = forward(model, weights, ids2, ids2, Mode.EVAL).get("logits").doubles();
    for (int n = 0; n < BATCH * TIME; n++) {
      boolean mayChange = n >= changed && n < 2 * TIME;
      double difference = 0;
      for (int v = 0; v < VOCABULARY; v++) {
        difference = Math.max(difference, Math.abs(a[n * VOCABULARY + v] - b[n * VOCABULARY + v]));
      }
      if (mayChange) {
        assertThat(difference).as("token " + n).isGreaterThan(1e-3);
      } else {
        assertThat(difference).as("token " + n).isLessThan(CLOSE);
      }
    }
  }

  @Test
  void roundRobinSharesEquallyWhateverTheRouterSays() {
    LanguageModel model = TinyModel.model(TinyModel.config(2, Option.ROUND_ROBIN));
    Tensor ids = tokens(4, 1);
    double[] counts =
        forward(model, weights(model, SEED), ids, ids, Mode.TRAIN).get("counts").doubles();
    assertThat(counts).hasSize(LAYERS * EXPERTS).containsOnly(4.0 * TIME * 2 / EXPERTS);
  }

  @Test
  void noiseTakesPartInTheChoiceOnlyAndFollowsItsSeed() {
    LanguageModel model = TinyModel.model(TinyModel.config(2, Option.NOISE));
    Map<String, Tensor> weights = weights(model, SEED);
    Tensor ids = tokens(BATCH, 1);
    Tensor clean = forward(model, weights, ids, ids, Mode.EVAL).get("counts");
    Tensor first = forward(model, weights, ids, ids, Mode.TRAIN, 1, null).get("counts");
    Tensor again = forward(model, weights, ids, ids, Mode.TRAIN, 1, null).get("counts");
    Tensor other = forward(model, weights, ids, ids, Mode.TRAIN, 2, null).get("counts");
    assertThat(first.doubles()).isEqualTo(again.doubles());
    assertThat(first.doubles()).isNotEqualTo(clean.doubles());
    assertThat(first.doubles()).isNotEqualTo(other.doubles());
  }

  @Test
  void noiseDiffersFromStepToStepAndFromMicroBatchToMicroBatch() {
    LanguageModel model = TinyModel.model(TinyModel.config(2, Option.NOISE));
    GraphBuilder g = new GraphBuilder();
    g.output("seed", g.input("router.noise.seed", Type.integer()));
    try (Engine engine = TinyModel.open();
        Program program = engine.compile(g.build())) {
      Set<Double> seeds = new HashSet<>();
      for (long seed = 0; seed < 3; seed++) {
        for (int step = 0; step < 20; step++) {
          for (int micro = 0; micro < 5; micro++) {
            model.writeInputs(program, seed, step, micro);
            program.run();
            seeds.add(program.readScalar("seed"));
          }
        }
      }
      assertThat(seeds).hasSize(3 * 20 * 5);
    }
  }

  @Test
  void logitsAloneAreThoseOfTheForwardPass() {
    LanguageModel model = TinyModel.model(TinyModel.config(2, ALL_BUT_ROUND_ROBIN));
    Map<String, Tensor> weights = weights(model, SEED);
    Tensor ids = tokens(BATCH, 1);
    GraphBuilder g = new GraphBuilder();
    g.output("logits", model.logits(g, g.input("ids", new Type(ids.shape(), ids.dtype()))));
    try (Engine engine = TinyModel.open();
        Program program = engine.compile(g.build())) {
      weights.forEach(engine::write);
      program.write("ids", ids);
      program.run();
      Tensor want = forward(model, weights, ids, ids, Mode.EVAL).get("logits");
      assertThat(program.read("logits").doubles()).isEqualTo(want.doubles());
    }
  }

  @Test
  void balanceLossIsAlphaALayerWhenTheRouterIsUndecidedAndUpToETimesThatOnCollapse() {
    LanguageModel model = TinyModel.model(TinyModel.config(1, Option.BALANCE_LOSS));
    Map<String, Tensor> weights = new LinkedHashMap<>(weights(model, SEED));
    Tensor ids = tokens(BATCH, 1);
    Tensor routers = weights.get("routers");
    weights.put("routers", Tensor.of(routers.shape(), new float[routers.shape().size()]));
    Map<String, Tensor> even = forward(model, weights, ids, ids, Mode.EVAL);
    assertThat(scalar(even.get("balanceLoss"))).isEqualTo(LAYERS * TinyModel.ALPHA, within(CLOSE));
    assertThat(scalar(even.get("routerEntropy"))).isEqualTo(Math.log(EXPERTS), within(CLOSE));
    // ties go to expert 0
    assertThat(even.get("counts").doubles()[0]).isEqualTo(BATCH * TIME);
  }

  @Test
  void countsOfEarlierMicroBatchesEnterTheShares() {
    LanguageModel model = TinyModel.model(TinyModel.config(2, Option.BALANCE_LOSS));
    Map<String, Tensor> weights = weights(model, SEED);
    Tensor ids = tokens(BATCH, 1);
    Map<String, Tensor> alone = forward(model, weights, ids, ids, Mode.TRAIN);
    Tensor counts = alone.get("counts");
    double loss = scalar(alone.get("balanceLoss"));

    // nothing so far, or the same shares so far: nothing changes
    Tensor none = Tensor.of(counts.shape(), new double[LAYERS * EXPERTS]);
    assertThat(balance(model, weights, ids, none)).isEqualTo(loss, within(CLOSE));
    assertThat(balance(model, weights, ids, counts)).isEqualTo(loss, within(CLOSE));

    // with nearly everything on expert e so far the loss is α·E·P_e a layer, and Σ P_e = 1
    double sum = 0;
    for (int e = 0; e < EXPERTS; e++) {
      double[] one = new double[LAYERS * EXPERTS];
      for (int layer = 0; layer < LAYERS; layer++) {
        one[layer * EXPERTS + e] = 1e15;
      }
      sum += balance(model, weights, ids, Tensor.of(counts.shape(), one));
    }
    assertThat(sum).isEqualTo(TinyModel.ALPHA * EXPERTS * LAYERS, within(1e-9));
    // and the counts given back are those of this batch alone
    Tensor after = forward(model, weights, ids, ids, Mode.TRAIN, 0, counts).get("counts");
    assertThat(after.doubles()).isEqualTo(counts.doubles());
  }

  private static double balance(
      LanguageModel model, Map<String, Tensor> weights, Tensor ids, Tensor soFar) {
    return scalar(forward(model, weights, ids, ids, Mode.TRAIN, 0, soFar).get("balanceLoss"));
  }

  private static double[] flat(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
  }

  private static void close(Tensor got, double[] want, double tolerance) {
    assertThat(got.doubles()).containsExactly(want, within(tolerance));
  }
}
