package io.manifoldmuon.model.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Keys and values that have two names, and names that stand for two keys. */
class ConfigNamesTest {
  private static RunConfig yaml(String text, String... settings) {
    return new ConfigBuilder().yaml(text, "run.yaml").set(List.of(settings)).build();
  }

  @Test
  void betasStandForTwoKeys() {
    AdamWConfig a = RunConfig.of("optimizer.adamw.betas=[0.7, 0.8]").optimizer().adamw();
    assertThat(a.beta1()).isEqualTo(0.7);
    assertThat(a.beta2()).isEqualTo(0.8);
    a =
        yaml("optimizer: {adamw: {betas: [0.7, 0.8]}}", "optimizer.adamw.beta2=0.9")
            .optimizer()
            .adamw();
    assertThat(a.beta1()).isEqualTo(0.7);
    assertThat(a.beta2()).isEqualTo(0.9);
    assertThatThrownBy(() -> yaml("optimizer: {adamw: {betas: [0.7, 0.8], beta1: 0.1}}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("give either it or those");
  }

  @Test
  void everyRateHasBothNames() {
    for (String name : List.of("lr", "base_lr")) {
      OptimizerConfig o =
          yaml("""
                  optimizer:
                    adamw: {%1$s: 0.1}
                    muon: {%1$s: 0.2}
                    stiefel_muon: {%1$s: 0.3}
                    hypersphere_muon: {%1$s: 0.4}
                  """
                  .formatted(name))
              .optimizer();
      assertThat(o.adamw().lr()).isEqualTo(0.1);
      assertThat(o.muon().lr()).isEqualTo(0.2);
      assertThat(o.stiefelMuon().baseLr()).isEqualTo(0.3);
      assertThat(o.hypersphereMuon().baseLr()).isEqualTo(0.4);
    }
    RunConfig c = yaml("optimizer: {adamw: {lr: 0.5}}", "optimizer.adamw.base_lr=0.6");
    assertThat(c.optimizer().adamw().lr()).as("the later name wins").isEqualTo(0.6);
    assertThat(c.toYaml()).contains("lr: 0.6\n").doesNotContain("  base_lr: 0.6");
    assertThatThrownBy(() -> yaml("optimizer: {adamw: {lr: 0.5, base_lr: 0.6}}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(
            "optimizer.adamw.lr is given twice, for which base_lr is another name");
  }

  @Test
  void rolesAndVectorsHaveTheirOtherNames() {
    RunConfig c =
        RunConfig.of(
            "optimizer.groups.expert-up=muon",
            "optimizer.modular_scaling.lr_scale.expert-down=2",
            "optimizer.hypersphere_muon.mode=per_vector");
    assertThat(c.optimizer().groups().expertUp()).isEqualTo(GroupOptimizer.MUON);
    assertThat(c.optimizer().modularScaling().lrScale().expertDown()).isEqualTo(2);
    assertThat(c.optimizer().hypersphereMuon().mode()).isEqualTo(SphereVectors.PER_ROW);
    assertThat(c.toYaml()).contains("mode: per_row").contains("expert_up: muon");
    assertThat(yaml(c.toYaml())).isEqualTo(c);
  }
}
