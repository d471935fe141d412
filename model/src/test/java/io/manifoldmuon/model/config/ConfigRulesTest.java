package io.manifoldmuon.model.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every rule of every key: what breaks it is refused with key, value and what is allowed. */
class ConfigRulesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "model.d_model=0                  | from 2 to",
        "model.d_model=-128               | from 2 to",
        "model.d_model=130                | a multiple of model.n_heads, which is 4",
        "model.d_model=70000              | from 2 to 65536",
        "model.n_layers=0                 | from 1 to",
        "model.n_heads=0                  | from 1 to",
        "model.n_heads=128                | 128 / 128 = 1, is even",
        "model.n_experts=0                | from 1 to",
        "model.top_k=0                    | from 1 to model.n_experts, which is 4",
        "model.top_k=5                    | from 1 to model.n_experts, which is 4",
        "model.d_ff=0                     | from 1 to",
        "model.context=1                  | from 2 to",
        "model.rope_base=0                | above 0",
        "model.rms_eps=0                  | above 0",
        "model.rms_eps=-1e-6              | above 0",
        "model.router_noise=-0.1          | at least 0",
        "model.balance_loss=-0.01         | at least 0",
        "model.z_loss=-1                  | at least 0",
        "model.router_bias_rate=-1        | at least 0",
        "data.tokenizer=byte              | one of bytes, gpt2; did you mean bytes?",
        "data.val_fraction=1              | above 0 and below 1",
        "data.val_fraction=0              | above 0 and below 1",
        "data.val_fraction=-0.1           | above 0 and below 1",
        "data.max_bytes=-1                | at least 0",
        "train.steps=0                    | at least 1",
        "train.batch_size=0               | from 1 to",
        "train.batch_size=1000000         | train.grad_accumulation",
        "train.grad_accumulation=0        | from 1 to",
        "train.eval_every=-1              | at least 0",
        "train.eval_windows=0             | at least 1",
        "train.log_every=0                | at least 1",
        "train.checkpoint_every=-1        | at least 0",
        "train.keep_last=-1               | at least 0",
        "train.skip_grad_norm_above=-1    | finite number of at least 0",
        "train.skip_grad_norm_factor=0.5  | above 1, or 0",
        "train.overfit_windows=-1         | at least 0",
        "train.max_tokens=-1              | at least 0",
        "train.early_stop_patience=-1     | at least 0",
        "train.grad_clip=-1               | at least 0",
        "train.max_minutes=-1             | at least 0",
        "optimizer.adamw.lr=0             | above 0",
        "optimizer.muon.lr=0              | above 0",
        "optimizer.stiefel_muon.base_lr=0 | above 0",
        "optimizer.stiefel_muon.base_lr=2 | from 0.0 to 1.0",
        "optimizer.stiefel_muon.momentum=1 | from 0 to below 1",
        "optimizer.stiefel_muon.solver=projct | project",
        "optimizer.stiefel_muon.radius=0  | above 0",
        "optimizer.stiefel_muon.dual_steps=0 | from 1 to 1000",
        "optimizer.stiefel_muon.epsilon=1 | from 1.0E-6 to 0.5",
        "optimizer.stiefel_muon.retract_every=0 | at least 1",
        "optimizer.stiefel_muon.constraint_tol=0 | from 1.0E-16",
        "optimizer.stiefel_muon.residual_tol=0.2 | to 0.1",
        "optimizer.stiefel_muon.ns_steps=0 | from 1 to 100",
        "optimizer.hypersphere_muon.base_lr=0 | above 0",
        "optimizer.hypersphere_muon.momentum=1 | from 0 to below 1",
        "optimizer.hypersphere_muon.update=geo | geodesic",
        "optimizer.groups.gain=muon       | adamw or frozen",
        "optimizer.groups.router=stifel_muon | did you mean stiefel_muon?",
        "optimizer.stiefel_muon.preset=fast | one of conservative, balanced, aggressive",
        "optimizer.stiefel_muon.dual_lr=0 | above 0",
        "optimizer.stiefel_muon.convention=sed | did you mean seed?",
        "optimizer.hypersphere_muon.mode=per_rows | did you mean per_row?",
        "optimizer.modular_scaling.lr_scale.gain=-1 | at least 0",
        "optimizer.muon.momentum=1        | from 0 to below 1",
        "optimizer.muon.beta2=1           | from 0 to below 1",
        "optimizer.muon.weight_decay=-1   | at least 0",
        "optimizer.muon.ns_steps=0        | from 1 to 100",
        "optimizer.muon.polar=muonquintic | did you mean muon-quintic?",
        "optimizer.stiefel_muon.polar=svdd | did you mean svd?",
        "optimizer.muon.polar_precision=bfloat | did you mean bfloat16?",
        "optimizer.muon.adjust=orginal    | did you mean original?",
        "optimizer.adamw.lr=-1e-3         | above 0",
        "optimizer.adamw.beta1=1          | from 0 to below 1",
        "optimizer.adamw.beta1=-0.1       | from 0 to below 1",
        "optimizer.adamw.beta2=1.0        | from 0 to below 1",
        "optimizer.adamw.epsilon=0        | above 0",
        "optimizer.adamw.weight_decay=-1  | at least 0",
        "optimizer.lr_schedule.warmup_steps=-1      | at least 0",
        "optimizer.lr_schedule.warmup_steps=1501     | at most the schedule's length, which is 1500",
        "optimizer.lr_schedule.max_steps=0          | at least 1",
        "optimizer.lr_schedule.min_lr_ratio=1.5     | from 0.0 to 1.0",
        "optimizer.lr_schedule.min_lr_ratio=-0.5    | from 0.0 to 1.0",
        "optimizer.lr_schedule.decay_fraction=2     | from 0.0 to 1.0",
        "engine.name=gpu                  | one of auto, cpu, reference, tornado, emulator",
        "engine.device=cuda               | driver:device in numbers",
        "engine.threads=-1                | from 0 to",
      })
  void outOfRangeIsRefusedWithKeyValueAndWanted(String setting, String wanted) {
    String key = setting.substring(0, setting.indexOf('='));
    ConfigException e = catchThrowableOfType(ConfigException.class, () -> RunConfig.of(setting));
    assertThat(e).as(setting).isNotNull();
    assertThat(e.key()).contains(key);
    assertThat(e.exitCode()).isEqualTo(2);
    assertThat(e)
        .hasMessageStartingWith("config: " + key + " is ")
        .hasMessageContaining("but it must be")
        .hasMessageContaining(wanted)
        .hasMessageEndingWith("(set by --set " + setting + ")");
    assertThat(e.getMessage()).doesNotContain("\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.top_k=4",
        "model.context=2",
        "model.n_heads=64",
        "model.d_model=8",
        "model.n_layers=1",
        "model.router_noise=0.1",
        "model.z_loss=1e-3",
        "model.balance_loss=0",
        "data.val_fraction=0.001",
        "train.steps=1",
        "train.eval_every=0",
        "train.checkpoint_every=0",
        "train.grad_clip=0",
        "train.seed=-9223372036854775808",
        "optimizer.adamw.beta1=0",
        "optimizer.adamw.weight_decay=0",
        "optimizer.lr_schedule.warmup_steps=1500",
        "optimizer.lr_schedule.min_lr_ratio=1",
        "engine.device=0:1",
        "engine.threads=0",
        "engine.name=reference",
      })
  void theLastAllowedValueIsAllowed(String setting) {
    assertThat(RunConfig.of(setting)).isNotNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "train.steps=ten            | 'ten'    | a whole number",
        "train.steps=1.5            | '1.5'    | a whole number",
        "train.steps=1e3            | '1e3'    | a whole number",
        "train.steps=0x10           | '0x10'   | a whole number",
        "train.steps=3000000000     | '3000000000' | 2^31−1",
        "train.steps=null           | 'null'   | a whole number",
        "train.seed=9223372036854775808 | '9223372036854775808' | 2^63−1",
        "train.grad_clip=NaN        | 'NaN'    | a finite number",
        "train.grad_clip=.inf       | '.inf'   | a finite number",
        "train.grad_clip=1e999      | '1e999'  | a finite number",
        "train.grad_clip=1.0f       | '1.0f'   | a finite number",
        "model.router_bias=yes      | 'yes'    | true or false",
        "model.shared_expert=1      | '1'      | true or false",
        "model.type=nppt            | 'nppt'   | moe, ngpt, gated-ngpt; did you mean ngpt?",
        "model.preset=tinny         | 'tinny'  | one of tiny, small, medium, blueberry, large,"
            + " ngpt-tiny, ngpt-155m; did"
            + " you mean tiny?",
        "model.routing=top_k        | 'top_k'  | one of topk, round_robin; did you mean topk?",
        "optimizer.type=moun        | 'moun'   | did you mean muon?",
        "optimizer.lr_schedule.schedule=cos | 'cos' | one of constant, linear, cosine, wsd",
        "optimizer.lr_schedule.max_steps=x  | 'x'   | a whole number",
        "optimizer.adamw.betas=0.9  |          | a list of two numbers, [beta1, beta2]",
        "optimizer.adamw.betas=[0.9]|          | a list of two numbers, [beta1, beta2]",
        "optimizer.adamw.betas=[0.9, a] | 'a'  | a finite number",
        "optimizer.adamw=fast       | 'fast'   | must be a section with the keys lr, beta1",
        "optimizer.adamw=[1]        |          | must be a section with the keys lr, beta1",
      })
  void wrongTypesAreRefused(String setting, String value, String wanted) {
    assertThatThrownBy(() -> RunConfig.of(setting))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("config: ")
        .hasMessageContaining(setting.substring(0, setting.indexOf('=')).replace(".betas", ""))
        .hasMessageContaining(value == null ? "" : value)
        .hasMessageContaining(wanted);
  }

  @Test
  void recordsThemselvesRefuseWhatIsNotFinite() {
    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -1}) {
      assertThatThrownBy(() -> new AdamWConfig(bad, 0.9, 0.9, 1e-8, 0, false))
          .isInstanceOf(ConfigException.class);
      assertThatThrownBy(() -> new AdamWConfig(1, bad, 0.9, 1e-8, 0, false))
          .isInstanceOf(ConfigException.class);
      assertThatThrownBy(() -> new AdamWConfig(1, 0.9, 0.9, bad, 0, false))
          .isInstanceOf(ConfigException.class);
      assertThatThrownBy(() -> new AdamWConfig(1, 0.9, 0.9, 1e-8, bad, false))
          .isInstanceOf(ConfigException.class);
      assertThatThrownBy(() -> new LrScheduleConfig(LrScheduleKind.COSINE, null, null, bad, 0.2))
          .isInstanceOf(ConfigException.class);
      assertThatThrownBy(() -> new DataConfig(null, "bytes", bad, 0))
          .isInstanceOf(ConfigException.class);
    }
    assertThatThrownBy(
            () ->
                new OptimizerConfig(
                    OptimizerType.ADAMW,
                    GroupsConfig.of(OptimizerType.ADAMW, ModelType.MOE),
                    null,
                    null,
                    null,
                    null,
                    null,
                    null))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("optimizer.adamw");
    assertThatThrownBy(() -> new EngineConfig(null, null, 0))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("engine.name is null");
  }

  @Test
  void shapeIsNotCountedTwice() {
    String ratio = "optimizer.modular_scaling.enable_ratio_scaling=true";
    for (String type : new String[] {"muon", "normuon"}) {
      assertThatThrownBy(() -> RunConfig.of("optimizer.type=" + type, ratio))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("optimizer.modular_scaling.enable_ratio_scaling is true")
          .hasMessageContaining("or set optimizer.muon.adjust=none")
          .hasMessageEndingWith("(set by --set " + ratio + ")");
      assertThat(RunConfig.of("optimizer.type=" + type, ratio, "optimizer.muon.adjust=none"))
          .isNotNull();
    }
    assertThat(RunConfig.of("optimizer.type=composed_manifold", ratio)).isNotNull();
    assertThatThrownBy(() -> RunConfig.of(ratio, "optimizer.groups.expert_up=muon"))
        .isInstanceOf(ConfigException.class);
  }

  @Test
  void factorsMustNotMakeAStiefelStepLongerThanTheRadius() {
    String manifold = "optimizer.type=composed_manifold";
    String rate = "optimizer.stiefel_muon.base_lr=0.6";
    String ratio = "optimizer.modular_scaling.enable_ratio_scaling=true"; // √(512/128) = 2
    assertThat(RunConfig.of(manifold, rate)).isNotNull();
    assertThatThrownBy(() -> RunConfig.of(manifold, rate, ratio))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("base_lr is 0.6")
        .hasMessageContaining("multiplies it by 2.0 for expert-up");
    assertThatThrownBy(
            () -> RunConfig.of(manifold, rate, "optimizer.modular_scaling.lr_scale.attention=2"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("for attention");
    assertThat(RunConfig.of("optimizer.type=adamw", rate, ratio)).as("not used").isNotNull();
  }

  @Test
  void aDecompositionHasNoPrecisionOfProducts() {
    String precision = "optimizer.muon.polar_precision=bfloat16";
    assertThat(RunConfig.of(precision)).isNotNull();
    assertThatThrownBy(() -> RunConfig.of("optimizer.muon.polar=svd", precision))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("must be float32 with optimizer.muon.polar=svd");
  }

  @Test
  void theExpertStackMustFitOneTensor() {
    assertThatThrownBy(
            () -> RunConfig.of("model.n_experts=4096", "model.d_ff=65536", "model.top_k=1"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("2^31−1");
  }

  @ParameterizedTest
  @EnumSource(Preset.class)
  void everyPresetIsValidAndGivesItsSizes(Preset preset) {
    ModelConfig model = RunConfig.of("model.preset=" + preset).model();
    assertThat(model.preset()).isEqualTo(preset);
    assertThat(
            new int[] {
              model.dModel(),
              model.nLayers(),
              model.nHeads(),
              model.nExperts(),
              model.topK(),
              model.dFf(),
              model.context()
            })
        .isEqualTo(
            switch (preset) {
              case TINY -> new int[] {128, 2, 4, 4, 2, 512, 128};
              case SMALL -> new int[] {256, 4, 4, 4, 2, 1024, 256};
              case MEDIUM -> new int[] {512, 8, 8, 8, 2, 2048, 512};
              case BLUEBERRY -> new int[] {384, 6, 8, 8, 2, 1536, 512};
              case LARGE -> new int[] {1024, 12, 16, 16, 2, 4096, 1024};
              case NGPT_TINY -> new int[] {128, 2, 4, 1, 1, 352, 128};
              case NGPT_155M -> new int[] {768, 11, 6, 1, 1, 2048, 128};
            });
    assertThat(model.headDim() * model.nHeads()).isEqualTo(model.dModel());
  }

  @Test
  void warmUpAndScheduleFollowTheStepsUnlessGiven() {
    assertThat(RunConfig.of("train.steps=300").warmupSteps()).isEqualTo(30);
    assertThat(RunConfig.of("train.steps=5").warmupSteps()).isZero();
    assertThat(RunConfig.of("train.steps=5000").warmupSteps()).isEqualTo(100);
    assertThat(RunConfig.of("train.steps=300").scheduleSteps()).isEqualTo(300);
    RunConfig given =
        RunConfig.of(
            "train.steps=300",
            "optimizer.lr_schedule.max_steps=900",
            "optimizer.lr_schedule.warmup_steps=7");
    assertThat(given.scheduleSteps()).isEqualTo(900);
    assertThat(given.warmupSteps()).isEqualTo(7);
  }

  @Test
  void tokensPerStepCountsEveryMicroBatch() {
    assertThat(RunConfig.of("train.batch_size=3", "train.grad_accumulation=5").tokensPerStep())
        .isEqualTo(3 * 5 * 128);
  }
}
