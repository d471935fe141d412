package io.manifoldmuon.bench;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.ConfigBuilder;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Tokenizers;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.model.train.Optimizers;
import io.manifoldmuon.model.train.RandomBatches;
import io.manifoldmuon.model.train.StepCount;
import io.manifoldmuon.model.train.TrainStep;
import io.manifoldmuon.optim.Optimizer;

/** The whole training step of a preset, on random tokens, with the default optimizer. */
final class StepWorkload {
  private StepWorkload() {}

  static Workload of(String preset) {
    RunConfig config = new ConfigBuilder().option("preset", "model.preset", preset).build();
    int vocabulary = Tokenizers.named(config.data().tokenizer()).vocabSize();
    var model = LanguageModel.of(config.model(), vocabulary);
    StepCount count = StepCount.of(config, vocabulary);
    double flops = count.forward() + count.backward() + count.optimizer();
    double bytes = 3 * 4.0 * model.size().parameters(); // weights and gradients, at the very least
    return new Workload(
        "train/" + preset, flops, bytes, engine -> open(engine, config, model, vocabulary));
  }

  private static Replay open(Engine engine, RunConfig config, LanguageModel model, int vocabulary) {
    Optimizer optimizer = Optimizers.of(config, model.parameters());
    Optimizers.initialWeights(config, model).forEach(engine::write);
    var batches = new RandomBatches(vocabulary, Workload.SEED);
    TrainStep step = new TrainStep(engine, config, model, optimizer, batches);
    return new Replay() {
      private long done;

      @Override
      public void run() {
        step.run(done++);
      }

      @Override
      public void close() {
        step.close();
      }
    };
  }
}
