package io.manifoldmuon.model.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.manifoldmuon.optim.Role;
import io.manifoldmuon.optim.StiefelPreset;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigBuilderTest {
  @TempDir Path folder;

  private static RunConfig yaml(String text, String... settings) {
    return new ConfigBuilder().yaml(text, "run.yaml").set(List.of(settings)).build();
  }

  @Test
  void nothingGivenIsTheDefaults() {
    assertThat(new ConfigBuilder().build()).isEqualTo(RunConfig.defaults());
    assertThat(yaml("")).isEqualTo(RunConfig.defaults());
    assertThat(yaml("# only a comment\n")).isEqualTo(RunConfig.defaults());
    assertThat(yaml("model:\ntrain:\n")).isEqualTo(RunConfig.defaults());
  }

  @Test
  void defaultsAreTheDocumentedOnes() {
    RunConfig c = RunConfig.defaults();
    assertThat(c.model().preset()).isEqualTo(Preset.TINY);
    assertThat(c.train().batchSize()).isEqualTo(8);
    assertThat(c.train().steps()).isEqualTo(1500);
    assertThat(c.data()).isEqualTo(new DataConfig(null, "bytes", 0.1, 0));
    assertThat(c.engine()).isEqualTo(new EngineConfig("auto", null, 0));
    assertThat(c.optimizer().type()).isEqualTo(OptimizerType.COMPOSED_MANIFOLD);
    assertThat(c.optimizer().adamw().lr()).isEqualTo(0.01);
    assertThat(c.model().routing()).isEqualTo(Routing.TOPK);
    assertThat(c.model().balanceLoss()).isEqualTo(0.01);
    assertThat(c.model().ropeBase()).isEqualTo(10_000);
    assertThat(c.model().rmsEps()).isEqualTo(1e-6);
  }

  @Test
  void everyKeyOfAFileArrives() {
    RunConfig c =
        yaml(
            """
            model: {preset: small, d_model: 96, n_layers: 3, n_heads: 6, n_experts: 5, top_k: 3,
              d_ff: 77, context: 33, rope_base: 500, rms_eps: 1e-5, weight_gain: true,
              router_noise: 0.1, router_temperature: true, balance_loss: 0.02, z_loss: 1e-3,
              router_bias: true, router_bias_rate: 2e-3, shared_expert: true,
              routing: round_robin, type: moe}
            data:
              path: some folder/a#b.txt
              val_path: other.txt
              tokenizer: gpt2
              val_fraction: .25
              max_bytes: 5_000_000_000
            train:
              steps: 11
              batch_size: 12
              grad_accumulation: 13
              eval_every: 14
              eval_windows: 15
              log_every: 16
              checkpoint_every: 17
              keep_last: 3
              keep_best: false
              grad_clip: 0.5
              skip_grad_norm_above: 9.5
              skip_grad_norm_factor: 8.5
              overfit_windows: 19
              seed: -18
              max_minutes: 1.5
              max_tokens: 20_000_000_000
              early_stop_patience: 21
              init_from: runs/x/final
            optimizer:
              type: adamw
              groups: {attention: frozen, expert_up: stiefel_muon, expert_down: normuon,
                embedding: hypersphere_muon, router: simple_muon, gain: frozen}
              muon: {lr: 0.03, momentum: 0.9, nesterov: false, beta2: 0.8, weight_decay: 0.1,
                cautious: true, adjust: none, polar: polar-express, ns_steps: 7, polar_precision: bfloat16}
              adamw: {lr: 1E-3, betas: [0.8, 0.99], epsilon: 1e-9, weight_decay: 0.3, cautious: true}
              stiefel_muon: {preset: aggressive, base_lr: 0.04, momentum: 0.7, nesterov: false,
                solver: irls, dual_steps: 4, dual_lr: 0.6, convention: seed, epsilon: 0.1, warm_start: false, radius: 2, retract_every: 3, constraint_tol: 1e-3, residual_tol: 1e-5, by_head: true, polar: cubic, ns_steps: 9}
              hypersphere_muon: {base_lr: 0.05, momentum: 0.6, nesterov: false, mode: whole,
                update: geodesic}
              lr_schedule: {schedule: wsd, warmup_steps: 2, max_steps: 20, min_lr_ratio: 0,
                decay_fraction: 0.4}
              modular_scaling: {enable_depth_scaling: true, enable_ratio_scaling: true,
                lr_scale: {attention: 0.1, expert_up: 0.2, expert_down: 0.3, embedding: 0.4,
                  router: 0.5, gain: 0.6}}
            engine: {name: cpu, device: 0:1, threads: 2}
            """);
    assertThat(c)
        .isEqualTo(
            new RunConfig(
                new ModelConfig(
                    ModelType.MOE,
                    Preset.SMALL,
                    96,
                    3,
                    6,
                    5,
                    3,
                    77,
                    33,
                    500,
                    1e-5,
                    true,
                    1,
                    0.1,
                    true,
                    0.02,
                    1e-3,
                    true,
                    2e-3,
                    true,
                    Routing.ROUND_ROBIN),
                new DataConfig("some folder/a#b.txt", "other.txt", "gpt2", 0.25, 5_000_000_000L),
                new TrainConfig(
                    11,
                    12,
                    13,
                    14,
                    15,
                    16,
                    17,
                    3,
                    false,
                    0.5,
                    9.5,
                    8.5,
                    19,
                    -18,
                    1.5,
                    20_000_000_000L,
                    21,
                    "runs/x/final"),
                new OptimizerConfig(
                    OptimizerType.ADAMW,
                    new GroupsConfig(
                        GroupOptimizer.FROZEN,
                        GroupOptimizer.STIEFEL_MUON,
                        GroupOptimizer.NORMUON,
                        GroupOptimizer.HYPERSPHERE_MUON,
                        GroupOptimizer.SIMPLE_MUON,
                        GroupOptimizer.FROZEN),
                    new AdamWConfig(1e-3, 0.8, 0.99, 1e-9, 0.3, true),
                    new MuonConfig(
                        0.03,
                        0.9,
                        false,
                        0.8,
                        0.1,
                        true,
                        MuonAdjust.NONE,
                        "polar-express",
                        7,
                        PolarPrecision.BFLOAT16,
                        MuonPath.PROJECT),
                    new StiefelMuonConfig(
                        StiefelPreset.AGGRESSIVE,
                        0.04,
                        0.7,
                        false,
                        StiefelSolverName.IRLS,
                        4,
                        0.6,
                        DualConvention.SEED,
                        0.1,
                        false,
                        2,
                        3,
                        1e-3,
                        1e-5,
                        true,
                        "cubic",
                        9),
                    new HypersphereMuonConfig(
                        0.05, 0.6, false, SphereVectors.WHOLE, SphereUpdate.GEODESIC),
                    new LrScheduleConfig(LrScheduleKind.WSD, 2, 20, 0, 0.4),
                    new ModularScalingConfig(
                        true, true, new LrScaleConfig(0.1, 0.2, 0.3, 0.4, 0.5, 0.6))),
                new EngineConfig("cpu", "0:1", 2)));
    assertThat(yaml(c.toYaml())).as("round trip of everything changed").isEqualTo(c);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train.seed=5",
        "model.preset=large",
        "data.path=null",
        "data.path=no",
        "data.path=C:\\a b\\'x\" #1: y",
        "data.path=0:1",
        "data.path=010",
        "data.path=ünïcode/文",
        "data.path=[a]",
        "data.path={a: b}",
        "data.path=!!int 5",
        "data.path=*x",
        "optimizer.adamw.epsilon=1e-300",
        "optimizer.adamw.lr=0.1",
        "engine.device=0:0",
        "optimizer.lr_schedule.max_steps=100",
        "train.max_minutes=123456789.123456789",
      })
  void writtenYamlReadsBackEqual(String setting) {
    RunConfig config = RunConfig.of(setting);
    assertThat(yaml(config.toYaml())).as(config.toYaml()).isEqualTo(config);
  }

  @Test
  void textsThatLookLikeNullSurviveTheRoundTrip() {
    for (String path : List.of("null", "~", "true", "1", "a\nb", "'", "\t")) {
      if (path.isBlank()) {
        continue;
      }
      RunConfig config = new ConfigBuilder().option("--data", "data.path", path).build();
      assertThat(config.data().path()).isEqualTo(path);
      assertThat(yaml(config.toYaml())).as(config.toYaml()).isEqualTo(config);
    }
  }

  @Test
  void yamlIsSectionsInTheOrderOfTheRecords() {
    assertThat(RunConfig.defaults().toYaml())
        .startsWith("model:\n  type: moe\n  preset: tiny\n  d_model: 128\n")
        .contains(
            "\ndata:\n  path: null\n  val_path: null\n  tokenizer: bytes\n  val_fraction: 0.1\n")
        .contains("\n  adamw:\n    lr: 0.01\n    beta1: 0.9\n")
        .endsWith("engine:\n  name: auto\n  device: null\n  threads: 0\n");
  }

  @Test
  void laterWins() {
    assertThat(RunConfig.of("train.steps=1", "train.steps=2").train().steps()).isEqualTo(2);
    assertThat(yaml("train: {steps: 3}", "train.steps=4").train().steps()).isEqualTo(4);
    RunConfig c =
        new ConfigBuilder()
            .set(List.of("train.steps=5", "train.seed=9"))
            .yaml("train: {steps: 6}", "run.yaml")
            .build();
    assertThat(c.train().steps()).isEqualTo(6);
    assertThat(c.train().seed()).isEqualTo(9);
  }

  @Test
  void laterNullReturnsToTheDefaultCorpus() {
    assertThat(yaml("data: {path: a.txt}", "data.path=null").data().path()).isNull();
  }

  @Test
  void anExplicitDimensionOverridesThePresetBesideItInEitherOrder() {
    assertThat(RunConfig.of("model.d_model=64", "model.preset=small").model().dModel())
        .isEqualTo(64);
    assertThat(RunConfig.of("model.preset=small", "model.d_model=64").model().dModel())
        .isEqualTo(64);
    assertThat(yaml("model: {n_layers: 7, preset: small}").model().nLayers()).isEqualTo(7);
    assertThat(yaml("model: {preset: small}", "model.n_layers=7").model().dModel()).isEqualTo(256);
  }

  @Test
  void aLaterPresetReplacesTheDimensionsOfAnEarlierFile() {
    RunConfig saved = RunConfig.of("model.preset=tiny", "model.z_loss=0.5");
    RunConfig c = yaml(saved.toYaml(), "model.preset=medium");
    assertThat(c.model().dModel()).isEqualTo(512);
    assertThat(c.model().context()).isEqualTo(512);
    assertThat(c.model().zLoss()).as("not a dimension").isEqualTo(0.5);
  }

  @Test
  void aSavedRunCanBeMadeLongerAndItsScheduleFollows() {
    RunConfig c = yaml(RunConfig.defaults().toYaml(), "train.steps=1200");
    assertThat(c.scheduleSteps()).isEqualTo(1200);
    assertThat(c.warmupSteps()).isEqualTo(100);
  }

  @Test
  void theTypeSetsTheGroupsAndWhatIsGivenBesideItOverridesThem() {
    assertThat(RunConfig.of("optimizer.type=muon").optimizer().groups())
        .isEqualTo(GroupsConfig.of(OptimizerType.MUON, ModelType.MOE));
    GroupsConfig g =
        RunConfig.of("optimizer.groups.router=adamw", "optimizer.type=composed_manifold")
            .optimizer()
            .groups();
    assertThat(g.router()).isEqualTo(GroupOptimizer.ADAMW);
    assertThat(g.attention()).isEqualTo(GroupOptimizer.STIEFEL_MUON);
    for (Role role : Role.values()) {
      assertThat(GroupsConfig.of(OptimizerType.ADAMW, ModelType.MOE).of(role))
          .isEqualTo(GroupOptimizer.ADAMW);
    }
    String saved = RunConfig.of("optimizer.type=composed_manifold").toYaml();
    assertThat(saved).contains("  groups:\n    attention: stiefel_muon\n");
    RunConfig later = yaml(saved, "optimizer.type=normuon");
    assertThat(later.optimizer().groups())
        .isEqualTo(GroupsConfig.of(OptimizerType.NORMUON, ModelType.MOE));
  }

  @Test
  void weightGainsGoWithTheManifoldUnlessGiven() {
    assertThat(RunConfig.of("optimizer.type=composed_manifold").model().weightGain()).isTrue();
    assertThat(RunConfig.of("optimizer.type=muon").model().weightGain()).isFalse();
    RunConfig c = RunConfig.of("optimizer.type=composed_manifold", "model.weight_gain=false");
    assertThat(c.model().weightGain()).isFalse();
  }

  @Test
  void stiefelPresetsSetThreeKeys() {
    StiefelMuonConfig s =
        RunConfig.of("optimizer.stiefel_muon.preset=conservative").optimizer().stiefelMuon();
    assertThat(s.baseLr()).isEqualTo(0.01);
    assertThat(s.dualSteps()).isEqualTo(15);
    assertThat(s.dualLr()).isEqualTo(0.05);
    RunConfig c =
        RunConfig.of(
            "optimizer.stiefel_muon.dual_steps=7", "optimizer.stiefel_muon.preset=aggressive");
    s = c.optimizer().stiefelMuon();
    assertThat(s.dualSteps()).isEqualTo(7);
    assertThat(s.baseLr()).isEqualTo(0.03);
    s = yaml(c.toYaml(), "optimizer.stiefel_muon.preset=balanced").optimizer().stiefelMuon();
    assertThat(s.dualSteps()).as("a later preset").isEqualTo(10);
    assertThat(s.baseLr()).isEqualTo(0.02);
    s = yaml(c.toYaml(), "optimizer.stiefel_muon.preset=null").optimizer().stiefelMuon();
    assertThat(s).isEqualTo(RunConfig.defaults().optimizer().stiefelMuon());
  }

  @Test
  void theStepsOfASolveFollowTheSolver() {
    assertThat(stiefel("solver=irls").dualSteps()).isEqualTo(1);
    assertThat(stiefel("solver=dual-ascent").dualSteps()).isEqualTo(10);
    assertThat(stiefel("solver=dual-ascent", "dual_steps=4").dualSteps()).isEqualTo(4);
    assertThat(stiefel("solver=admm", "preset=aggressive").dualSteps()).isEqualTo(5);
    String saved = RunConfig.of("optimizer.stiefel_muon.solver=irls").toYaml();
    RunConfig later = yaml(saved, "optimizer.stiefel_muon.solver=admm");
    assertThat(later.optimizer().stiefelMuon().dualSteps()).isEqualTo(10);
  }

  private static StiefelMuonConfig stiefel(String... settings) {
    return RunConfig.of(
            Arrays.stream(settings).map("optimizer.stiefel_muon."::concat).toArray(String[]::new))
        .optimizer()
        .stiefelMuon();
  }

  @Test
  void aWholeSectionCanBeSet() {
    AdamWConfig a = RunConfig.of("optimizer.adamw={lr: 0.5, beta1: 0}").optimizer().adamw();
    assertThat(a.lr()).isEqualTo(0.5);
    assertThat(a.beta1()).isZero();
  }

  @Test
  void optionsTakeTextsAsTheyAre() {
    RunConfig c =
        new ConfigBuilder()
            .option("--data", "data.path", " odd name ")
            .option("--engine", "engine.name", "cpu")
            .option("--seed", "train.seed", "7")
            .build();
    assertThat(c.data().path()).isEqualTo(" odd name ");
    assertThat(c.engine().name()).isEqualTo("cpu");
    assertThat(c.train().seed()).isEqualTo(7);
    assertThatThrownBy(() -> new ConfigBuilder().option("--data", "data.path", "").build())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("data.path is ''");
    assertThatThrownBy(() -> new ConfigBuilder().option("--seed", "train.seed", "x"))
        .isInstanceOf(ConfigException.class)
        .hasMessageEndingWith("(set by --seed x)");
  }
}
