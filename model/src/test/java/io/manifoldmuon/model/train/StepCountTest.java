package io.manifoldmuon.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.model.config.ConfigBuilder;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.nn.LanguageModel;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepCountTest {
  private static final int VOCABULARY = 256;

  private static RunConfig config(String... settings) {
    return new ConfigBuilder().set(List.of(settings)).build();
  }

  /** What is counted is what a step that was compiled takes. */
  @ParameterizedTest
  @CsvSource({"composed_manifold, 1", "composed_manifold, 3", "adamw, 2"})
  void itIsThatOfTheCompiledStep(String optimizer, int microBatches) {
    RunConfig config =
        config(
            "optimizer.type=" + optimizer,
            "train.grad_accumulation=" + microBatches,
            "train.batch_size=2");
    StepCount count = StepCount.of(config, VOCABULARY);
    LanguageModel model = LanguageModel.of(config.model(), VOCABULARY);
    try (Engine engine = Engines.open("cpu", EngineOptions.defaults(), _ -> {})) {
      Optimizers.initialWeights(config, model).forEach(engine::write);
      try (var step =
          new TrainStep(
              engine,
              config,
              model,
              Optimizers.of(config, model.parameters()),
              new RandomBatches(VOCABULARY, 1))) {
        Map<Phase, Double> flops = step.flops();
        assertThat(count.forward()).isEqualTo(flops.get(Phase.FORWARD)).isPositive();
        assertThat(count.backward()).isEqualTo(flops.get(Phase.BACKWARD)).isPositive();
        assertThat(count.optimizer()).isEqualTo(flops.get(Phase.OPTIMIZER));
        // its state is there from the first step on
        step.run(0);
        long held = count.weightBytes() + count.gradientBytes() + count.optimizerBytes();
        assertThat(engine.variableBytes()).isCloseTo(held, within(held / 100));
        // an engine may let more values share a place, and pad others
        long programs = step.programs().stream().mapToLong(Program::bytes).sum();
        long within = count.passesBytes() + count.updateBytes();
        assertThat(programs).isCloseTo(within, within(within / 4));
      }
    }
    assertThat(count.tokens()).isEqualTo(2L * 128 * microBatches);
  }

  @Test
  void stateIsThatOfTheOptimizer() {
    StepCount adamw = StepCount.of(config("optimizer.type=adamw"), VOCABULARY);
    assertThat(adamw.weightBytes()).isEqualTo(4 * adamw.size().parameters());
    assertThat(adamw.optimizerBytes()).isEqualTo(2 * adamw.weightBytes());
    assertThat(adamw.gradientBytes()).isZero();
    assertThat(adamw.updateBytes()).isZero();
    StepCount muon = StepCount.of(config("optimizer.type=muon"), VOCABULARY);
    // one momentum; two moments for the gains and the embedding, which AdamW steps
    assertThat(muon.optimizerBytes()).isBetween(muon.weightBytes(), 5 * muon.weightBytes() / 4);
  }

  /** No machine of these tests could take the step: it takes more than they have. */
  @Test
  void aStepThatFitsNowhereIsCounted() {
    RunConfig config =
        config(
            "model.preset=large",
            "train.batch_size=8",
            "train.grad_accumulation=64",
            "optimizer.type=muon");
    StepCount count = StepCount.of(config, VOCABULARY);
    double expected = count.size().flopsPerToken() * count.tokens();
    assertThat(count.forward() + count.backward()).isCloseTo(expected, within(0.01 * expected));
    assertThat(count.weightBytes() + count.gradientBytes() + count.optimizerBytes())
        .isGreaterThan(18L << 30);
    assertThat(count.passesBytes()).isGreaterThan(8L << 30);
  }
}
