package io.manifoldmuon.tests.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Tokenizers;
import io.manifoldmuon.model.experiment.Builtins;
import io.manifoldmuon.model.experiment.Definition;
import io.manifoldmuon.model.experiment.Plan;
import io.manifoldmuon.model.experiment.Task;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.model.train.EngineOpening;
import io.manifoldmuon.model.train.Optimizers;
import io.manifoldmuon.model.train.RandomBatches;
import io.manifoldmuon.model.train.TrainStep;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every arm of every built-in experiment trains. */
class BuiltinExperimentsTest {
  private static final List<String> SMALL =
      List.of(
          "engine.threads=1",
          "train.batch_size=1",
          "model.context=16",
          "model.n_heads=2",
          "model.d_model=32",
          "model.d_ff=64");

  static Stream<String> names() {
    return Builtins.NAMES.stream();
  }

  @ParameterizedTest
  @MethodSource("names")
  void takesTwoSteps(String name) {
    Definition definition = Builtins.find(name).with(SMALL);
    Plan plan = new Plan(definition);
    Map<String, RunConfig> arms = new LinkedHashMap<>();
    for (Task task : plan.main()) {
      arms.putIfAbsent(task.in().name() + " " + task.arm().name(), plan.config(task));
    }
    assertThat(arms.size()).isGreaterThanOrEqualTo(definition.arms().size());
    arms.forEach(BuiltinExperimentsTest::takesTwoSteps);
  }

  private static void takesTwoSteps(String arm, RunConfig config) {
    int vocabulary = Tokenizers.named(config.data().tokenizer()).vocabSize();
    LanguageModel model = LanguageModel.of(config.model(), vocabulary);
    var optimizer = Optimizers.of(config, model.parameters());
    var batches = new RandomBatches(vocabulary, 1);
    try (Engine engine = EngineOpening.open(config.engine(), notice -> {})) {
      Optimizers.initialWeights(config, model).forEach(engine::write);
      try (TrainStep step = new TrainStep(engine, config, model, optimizer, batches)) {
        step.run(0);
        double loss = step.run(1).loss();
        assertThat(loss).as(arm).isFinite().isBetween(1.0, 20.0);
      }
    }
  }
}
