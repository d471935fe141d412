package io.manifoldmuon.model.nn;

import static io.manifoldmuon.model.nn.TinyModel.ALL_BUT_ROUND_ROBIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.model.config.ModelType;
import io.manifoldmuon.model.config.Preset;
import io.manifoldmuon.model.config.Routing;
import io.manifoldmuon.model.nn.TinyModel.Option;
import io.manifoldmuon.optim.Role;
import io.manifoldmuon.optim.SphereMode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InitializationTest {
  private static final long SEED = 11;

  private static ModelConfig tinyPreset() {
    return new ModelConfig(
        ModelType.MOE,
        Preset.TINY,
        128,
        2,
        4,
        4,
        2,
        512,
        128,
        10000,
        1e-6,
        false,
        1,
        0,
        false,
        0.01,
        0,
        false,
        0.001,
        false,
        Routing.TOPK);
  }

  private static Map<String, Tensor> named(LanguageModel model, long seed) {
    return model.layout().split(model.initialize(seed));
  }

  @Test
  void matricesAreSmallGaussiansRowsUnitVectorsAndGainsOne() {
    LanguageModel model = LanguageModel.of(tinyPreset(), 256);
    named(model, SEED)
        .forEach(
            (name, t) -> {
              double[] x = t.doubles();
              if (name.endsWith(".gain")) {
                assertThat(x).containsOnly(1.0);
              } else if (name.equals("embed.weight") || name.endsWith("router.weight")) {
                unitRows(name, x, 128);
              } else {
                gaussian(name, x);
              }
            });
  }

  private static void unitRows(String name, double[] x, int width) {
    for (int row = 0; row < x.length; row += width) {
      double squares = Arrays.stream(x, row, row + width).map(v -> v * v).sum();
      assertThat(squares).as(name).isEqualTo(1, within(1e-6));
    }
    // not all in one direction: the mean of independent unit rows is short
    double[] mean = new double[width];
    for (int i = 0; i < x.length; i++) {
      mean[i % width] += x[i] * width / x.length;
    }
    double length = Math.sqrt(Arrays.stream(mean).map(v -> v * v).sum());
    assertThat(length).isLessThan(3 * Math.sqrt((double) width / x.length));
  }

  private static void gaussian(String name, double[] x) {
    // 5 standard errors of mean and variance of n samples
    double n = x.length;
    double mean = Arrays.stream(x).sum() / n / 0.02;
    double variance = Arrays.stream(x).map(v -> v * v).sum() / n / (0.02 * 0.02);
    assertThat(mean).as(name).isEqualTo(0, within(5 / Math.sqrt(n)));
    assertThat(variance).as(name).isEqualTo(1, within(5 * Math.sqrt(2 / n)));
  }

  @Test
  void aTensorDependsOnSeedAndNameOnly() {
    Map<String, Tensor> plain = named(TinyModel.model(TinyModel.config(2)), SEED);
    Map<String, Tensor> more =
        named(TinyModel.model(TinyModel.config(2, ALL_BUT_ROUND_ROBIN)), SEED);
    plain.forEach((name, t) -> assertThat(more.get(name).floats()).as(name).isEqualTo(t.floats()));
    float[] other =
        named(TinyModel.model(TinyModel.config(2)), SEED + 1)
            .get("layers.0.attn.q.weight")
            .floats();
    float[] q = plain.get("layers.0.attn.q.weight").floats();
    assertThat(other).isNotEqualTo(q);
    assertThat(plain.get("layers.0.attn.k.weight").floats()).isNotEqualTo(q);
    assertThat(plain.get("layers.1.attn.q.weight").floats()).isNotEqualTo(q);
  }

  @Test
  void stateStartsAtZero() {
    LanguageModel model = TinyModel.model(TinyModel.config(2, Option.BIAS));
    assertThat(model.initialize(SEED).get("router.bias").floats()).containsOnly(0f);
  }

  @Test
  void rolesAwayFromTheSphereAreGaussian() {
    LanguageModel model = LanguageModel.of(tinyPreset(), 256);
    Map<String, Tensor> x = model.initialize(SEED, Map.of(Role.ROUTER, Start.UNIT_ROWS));
    gaussian("embedding", x.get("embedding").doubles());
    unitRows("routers", x.get("routers").doubles(), 128);
  }

  @Test
  void everyStartIsWhereItSays() {
    LanguageModel model = LanguageModel.of(tinyPreset(), 256);
    Map<String, Tensor> x =
        model.initialize(
            SEED,
            Map.of(
                Role.EMBEDDING, new Start.Sphere(SphereMode.PER_COLUMN),
                Role.ROUTER, new Start.Stiefel(1),
                Role.ATTENTION, new Start.Stiefel(2),
                Role.EXPERT_UP, new Start.Sphere(SphereMode.WHOLE)));
    assertThat(strided(x.get("embedding").doubles(), 0, 256 * 128, 128))
        .hasSize(128)
        .allSatisfy(this::isOne);
    double[] up = x.get("experts.up").doubles();
    for (int at = 0; at < up.length; at += 512 * 128) {
      assertThat(Arrays.stream(up, at, at + 512 * 128).map(v -> v * v).sum())
          .isEqualTo(1, within(1e-6));
    }
    orthogonalRows(x.get("attention").doubles(), 128, 4);
    orthogonalRows(x.get("routers").doubles(), 4, 1);
    gaussian("experts.down", x.get("experts.down").doubles());
  }

  private void isOne(Double square) {
    assertThat(square).isEqualTo(1, within(1e-6));
  }

  /** The sums of squares of the columns of a matrix. */
  private static List<Double> strided(double[] x, int from, int to, int columns) {
    double[] squares = new double[columns];
    for (int i = from; i < to; i++) {
      squares[(i - from) % columns] += x[i] * x[i];
    }
    return Arrays.stream(squares).boxed().toList();
  }

  /** The rows of each [m, 128] matrix are orthogonal, with the given square of the length. */
  private static void orthogonalRows(double[] x, int m, double square) {
    for (int at = 0; at < x.length; at += m * 128) {
      for (int i = 0; i < m; i++) {
        for (int j = 0; j <= i; j++) {
          double dot = 0;
          for (int k = 0; k < 128; k++) {
            dot += x[at + i * 128 + k] * x[at + j * 128 + k];
          }
          assertThat(dot).isEqualTo(i == j ? square : 0, within(4e-6));
        }
      }
    }
  }

  private static double firstLoss(Map<Role, Start> starts) {
    LanguageModel model = LanguageModel.of(tinyPreset(), 256);
    Tensor ids = TinyModel.tokens(8, 1);
    int[] next = Arrays.stream(ids.ints()).map(i -> i + 100).toArray();
    Tensor targets = Tensor.of(ids.shape(), next);
    return TinyModel.scalar(
        TinyModel.forward(model, model.initialize(SEED, starts), ids, targets, Mode.EVAL)
            .get("loss"));
  }

  /**
   * With rows of length s and a tied head, a fresh model gives its own input token the logit s·√D
   * and every other one about N(0, s²): the loss on other targets is ln(e^(s√D) + (V−1)·e^(s²/2)).
   */
  @Test
  void firstLossIsThatOfATiedHead() {
    // the mean of 48 target logits of deviation s, 11 of them different, and the layers' part
    assertThat(firstLoss(Map.of(Role.EMBEDDING, Start.UNIT_ROWS, Role.ROUTER, Start.UNIT_ROWS)))
        .isEqualTo(expectedLoss(1), within(1.5));
    double small = expectedLoss(0.02 * Math.sqrt(128));
    assertThat(firstLoss(Map.of())).isEqualTo(small, within(0.3));
    assertThat(small).isEqualTo(Math.log(256), within(0.1));
  }

  private static double expectedLoss(double s) {
    return Math.log(Math.exp(s * Math.sqrt(128)) + 255 * Math.exp(s * s / 2));
  }

  @Test
  void sizesOfTheTinyPreset() {
    ModelSize size = LanguageModel.of(tinyPreset(), 256).size();
    int layer = 4 * 128 * 128 + 4 * 128 + 4 * 2 * 512 * 128 + 2 * 128;
    assertThat(size.parameters()).isEqualTo(256 * 128 + 2 * layer + 128);
    assertThat(size.activeParameters()).isEqualTo(size.parameters() - 2 * 2 * 2 * 512 * 128);
    double matrices = 2 * (4 * 128 * 128 + 4 * 128 + 2 * 2 * 512 * 128) + 256 * 128;
    assertThat(size.flopsPerToken()).isEqualTo(6 * matrices + 2 * 6 * 128 * 129);
  }

  @Test
  void optionsCountToo() {
    ModelConfig c = TinyModel.config(2, ALL_BUT_ROUND_ROBIN);
    ModelSize shared = TinyModel.model(c).size();
    long gains = 2 * (4 + 4 + 4 + 1 + 1);
    assertThat(shared.parameters())
        .isEqualTo(
            TinyModel.model(TinyModel.config(2)).size().parameters()
                + gains
                + 2 // temperatures
                + 2 * 2 * 12 * 8);
  }
}
