package io.manifoldmuon.model.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ModelFactsTest {
  private static final double SILU = 1.09983932013;

  /** V = 4, D = 2, F = 8, one layer, two experts; every matrix spreads out or is c·I. */
  private static Map<String, double[]> weights() {
    Map<String, double[]> w = new LinkedHashMap<>();
    w.put("embed.weight", new double[] {3, 4, 0, 0, 0, 0, 0, 0}); // ‖row‖ = ‖W‖₂ = 5
    w.put("layers.0.attn_norm.gain", new double[] {0.5, -2});
    w.put("layers.0.attn.q.weight", new double[] {2, 0, 0, 2});
    w.put("layers.0.attn.k.weight", new double[] {3, 0, 0, 3});
    w.put("layers.0.attn.v.weight", new double[] {4, 0, 0, 4});
    w.put("layers.0.attn.o.weight", new double[] {0.5, 0, 0, 0.5});
    w.put("layers.0.ffn_norm.gain", new double[] {1, 1});
    w.put("layers.0.moe.router.weight", new double[] {1, 0, 0, 0.5});
    double[] up = new double[32];
    up[0] = 6; // expert 0: σ₁ = 6
    up[16] = 2; // expert 1: σ₁ = 2
    w.put("layers.0.moe.up.weight", up);
    double[] down = new double[32];
    down[0] = 1;
    down[16] = 7;
    w.put("layers.0.moe.down.weight", down);
    w.put("final_norm.gain", new double[] {0.25, 0.125});
    return w;
  }

  private static long[] shape(String name) {
    return switch (name) {
      case "embed.weight" -> new long[] {4, 2};
      case "layers.0.moe.up.weight" -> new long[] {2, 8, 2};
      case "layers.0.moe.down.weight" -> new long[] {2, 2, 8};
      default -> name.endsWith(".weight") ? new long[] {2, 2} : null;
    };
  }

  private static ModelFacts.Result facts(Map<String, double[]> weights) {
    try (Engine engine = Engines.open("reference", EngineOptions.defaults(), _ -> {});
        Inspector inspector = new Inspector(engine, OptionalDouble.empty())) {
      Map<String, TensorFacts> all = new LinkedHashMap<>();
      weights.forEach(
          (name, x) -> {
            long[] shape = shape(name);
            all.put(
                name,
                inspector.inspect(
                    name,
                    shape == null ? new long[] {x.length} : shape,
                    (from, n) -> Arrays.copyOfRange(x, (int) from, (int) from + n)));
          });
      return ModelFacts.of(all);
    }
  }

  private static ModelFacts known(Map<String, double[]> weights) {
    assertThat(facts(weights)).isInstanceOf(ModelFacts.Result.Known.class);
    return ((ModelFacts.Result.Known) facts(weights)).facts();
  }

  private static String reason(Map<String, double[]> weights) {
    assertThat(facts(weights)).isInstanceOf(ModelFacts.Result.Unknown.class);
    return ((ModelFacts.Result.Unknown) facts(weights)).reason();
  }

  /**
   * Norms: embed 5; head √(2/4)·5; router √2·1; up √(2/8)·σ = 3 and 1; down √(8/2)·σ = 2 and 14.
   * Mass 1 + 4 + (1 + 2) + 1 = 9.
   */
  @Test
  void byHand() {
    ModelFacts m = known(weights());
    assertThat(m.branches()).isEqualTo(2);
    assertThat(m.norms().get("head")).isCloseTo(5 / Math.sqrt(2), within(1e-13));
    assertThat(m.norms().get("layers.0.moe.up.weight[0]")).isCloseTo(3, within(1e-13));
    assertThat(m.norms().get("layers.0.moe.down.weight[1]")).isCloseTo(14, within(1e-13));
    assertThat(m.shared().root().mass()).isEqualTo(9);

    double moe = 1 + SILU; // router beside the experts
    assertThat(m.added().root().sensitivity()).isCloseTo(4 * (1 + moe), within(1e-9));
    assertThat(m.shared().root().sensitivity())
        .isCloseTo((0.5 + 1.5) * (0.5 + 0.5 * moe), within(1e-9));

    double attention = 2 * (2 + 3 + 4) * 0.5;
    double experts = Math.sqrt(2) + Math.max(3 * 2, 1 * 14) * SILU;
    double head = 0.25 * 5 / Math.sqrt(2);
    assertThat(m.lipschitz()).isCloseTo(5 * (1 + attention) * (1 + experts) * head, within(1e-7));
    assertThat(m.lipschitzShared())
        .isCloseTo(5 * (0.5 + 0.5 * attention) * (0.5 + 0.5 * experts) * head, within(1e-7));

    // the largest term: embed 9·(sensitivity of all that follows)·5, down[1] (9/1)·½·14 = 63
    double embed = 9 * 2 * (0.5 + 0.5 * moe) * 5;
    assertThat(m.modularNorm()).isCloseTo(Math.max(embed, 63), within(1e-7));
    assertThat(m.learningRate("layers.0.moe.down.weight[1]")).isCloseTo(1 / 9.0, within(1e-12));
    assertThat(m.learningRate("head")).isCloseTo(Math.sqrt(2) / 9, within(1e-12));
    assertThat(m.atoms()).startsWith("embed.weight").endsWith("head").hasSize(11);
  }

  @Test
  void gainsAndTemperatureMultiply() {
    Map<String, double[]> w = weights();
    ModelFacts plain = known(w);
    w.put("layers.0.attn.q.gain", new double[] {-3});
    w.put("layers.0.moe.up.gain", new double[] {10, 100});
    w.put("layers.0.moe.router.temperature", new double[] {0.5});
    ModelFacts m = known(w);
    for (String name : plain.norms().keySet()) {
      double factor =
          switch (name) {
            case "layers.0.attn.q.weight" -> 3;
            case "layers.0.moe.up.weight[0]" -> 10;
            case "layers.0.moe.up.weight[1]" -> 100;
            case "layers.0.moe.router.weight" -> 0.5;
            default -> 1;
          };
      double want = factor * plain.norms().get(name);
      assertThat(m.norms().get(name)).as(name).isCloseTo(want, within(1e-12 * want));
    }
    // an update of the same modular norm is smaller where a gain enlarges what it does
    assertThat(m.learningRate("layers.0.attn.q.weight"))
        .isCloseTo(plain.learningRate("layers.0.attn.q.weight") / 3, within(1e-12));
  }

  @Test
  void notANumberStaysOne() {
    Map<String, double[]> w = weights();
    w.get("layers.0.attn.v.weight")[1] = Double.NaN;
    ModelFacts m = known(w);
    assertThat(m.modularNorm()).isNaN();
    assertThat(m.lipschitz()).isNaN();
  }

  @Test
  void whatIsMissingIsSaid() {
    Map<String, double[]> w = weights();
    w.remove("layers.0.attn.o.weight");
    assertThat(reason(w)).contains("layers.0.attn.o.weight");
    assertThat(reason(Map.of("a.weight", new double[4]))).contains("not those of");
    Map<String, double[]> wrongGain = weights();
    wrongGain.put("layers.0.moe.up.gain", new double[] {1});
    assertThat(reason(wrongGain)).contains("layers.0.moe.up.weight[1]");
  }
}
