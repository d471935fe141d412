package io.manifoldmuon.tests.program;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Tokenizers;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.model.train.BatchSource;
import io.manifoldmuon.model.train.EngineOpening;
import io.manifoldmuon.model.train.Optimizers;
import io.manifoldmuon.model.train.TrainStep;
import java.util.ArrayList;
import java.util.List;

/** Engine, new model and compiled training step of a small configuration, without a run folder. */
final class SmallRun implements AutoCloseable {
  /** D32 L1 H2 E4 k2 F64 T32 on two threads of the cpu engine. */
  static final List<String> SETTINGS =
      List.of(
          "engine.name=cpu",
          "engine.threads=2",
          "model.d_model=32",
          "model.n_layers=1",
          "model.n_heads=2",
          "model.n_experts=4",
          "model.top_k=2",
          "model.d_ff=64",
          "model.context=32",
          "train.batch_size=4",
          "train.eval_every=0",
          "train.checkpoint_every=0",
          "optimizer.type=adamw",
          "optimizer.adamw.lr=0.01");

  private final RunConfig config;
  private final Engine engine;
  private final LanguageModel model;
  private final TrainStep step;

  SmallRun(RunConfig config, BatchSource batches) {
    this.config = config;
    this.engine = EngineOpening.open(config.engine(), notice -> {});
    int vocabulary = Tokenizers.named(config.data().tokenizer()).vocabSize();
    this.model = LanguageModel.of(config.model(), vocabulary);
    var optimizer = Optimizers.of(config, model.parameters());
    model.initialize(config.train().seed()).forEach(engine::write);
    this.step = new TrainStep(engine, config, model, optimizer, batches);
  }

  /** {@link #SETTINGS} and more over them. */
  static List<String> settings(String... more) {
    List<String> all = new ArrayList<>(SETTINGS);
    all.addAll(List.of(more));
    return all;
  }

  static RunConfig config(String... more) {
    return RunConfig.of(settings(more).toArray(String[]::new));
  }

  RunConfig config() {
    return config;
  }

  Engine engine() {
    return engine;
  }

  LanguageModel model() {
    return model;
  }

  TrainStep step() {
    return step;
  }

  @Override
  public void close() {
    step.close();
    engine.close();
  }
}
