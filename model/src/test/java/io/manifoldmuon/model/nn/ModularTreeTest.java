package io.manifoldmuon.model.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.nn.ModularTree.Branches;
import io.manifoldmuon.model.nn.ModularTree.Plan;
import io.manifoldmuon.optim.ModularNorm;
import io.manifoldmuon.optim.NormedModule;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModularTreeTest {

  /** Every tensor of a checkpoint that is trained is an atom, but for what scales matrices. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void atomsAreTheTensorsOfCheckpoints(boolean shared) {
    RunConfig config =
        RunConfig.of("model.preset=tiny", "model.n_layers=3", "model.shared_expert=" + shared);
    Set<String> atoms = new TreeSet<>();
    ModularTree.atoms(ModularTree.of(config.model(), Branches.ADDED)).stream()
        .filter(a -> !a.equals(ModularTree.HEAD))
        .forEach(a -> atoms.add(a.replaceFirst("\\[\\d+]$", "")));
    Set<String> tensors = new TreeSet<>();
    LanguageModel.of(config.model(), 256)
        .checkpointTensors()
        .forEach(
            t -> {
              boolean scales = t.name().matches(".*(attn|moe)\\..*\\.(gain|temperature)");
              if (t.trainable() && !scales) {
                tensors.add(t.name());
              }
            });
    assertThat(atoms).isEqualTo(tensors);
  }

  /** 1 + L·(4 + 1 + 2) + 1, however many experts: a token meets a mixture of them. */
  @ParameterizedTest
  @CsvSource({"1,1,false,9", "2,4,false,16", "4,8,false,30", "2,4,true,20"})
  void masses(int layers, int experts, boolean shared, double mass) {
    Plan plan = new Plan(layers, experts, shared);
    for (Branches b : Branches.values()) {
      assertThat(ModularTree.of(plan, b).mass()).isEqualTo(mass);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 12, 100})
  void sensitivities(int layers) {
    Plan plan = new Plan(layers, 4, false);
    double attention = 3;
    double experts = 1 + ModularTree.SILU;
    assertThat(
            ModularTree.of(plan, Branches.ADDED).sensitivity()
                / Math.pow(4 * (1 + experts), layers))
        .isCloseTo(1, within(1e-12));
    double share = 1.0 / (2 * layers);
    double block = (1 - share + share * attention) * (1 - share + share * experts);
    double weighted = ModularTree.of(plan, Branches.SHARED).sensitivity();
    assertThat(weighted / Math.pow(block, layers)).isCloseTo(1, within(1e-12));
    // bounded whatever the depth: e^((3 − 1)/2)·e^((2.0998 − 1)/2)
    assertThat(weighted).isLessThan(Math.exp(1 + (experts - 1) / 2));
  }

  /** sup |SiLU′|, found on a grid. */
  @Test
  void theSensitivityOfSilu() {
    double most = 0;
    for (int i = -10_000; i <= 10_000; i++) {
      double x = i * 1e-3;
      double s = 1 / (1 + Math.exp(-x));
      most = Math.max(most, Math.abs(s * (1 + x * (1 - s))));
    }
    assertThat(ModularTree.SILU).isCloseTo(most, within(1e-6));
  }

  /** Equal weights deep in the network learn alike; the earlier the more is behind them. */
  @Test
  void learningRatesGrowWithDepth() {
    ModularNorm norm = new ModularNorm(ModularTree.of(new Plan(6, 2, false), Branches.SHARED));
    double before = 0;
    for (int i = 0; i < 6; i++) {
      double rate = norm.learningRate("layers." + i + ".attn.q.weight");
      assertThat(rate).isGreaterThan(before);
      assertThat(norm.learningRate("layers." + i + ".attn.o.weight"))
          .isCloseTo(rate, within(1e-15));
      before = rate;
    }
  }

  @Test
  void unitWeightsHaveTheSensitivityAsLipschitzBound() {
    for (Branches b : Branches.values()) {
      NormedModule tree = ModularTree.of(new Plan(3, 4, true), b);
      assertThat(tree.lipschitz(_ -> 1)).isCloseTo(tree.sensitivity(), within(1e-9));
    }
  }
}
