package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.nn.LanguageModel;
import java.util.ArrayList;
import java.util.List;

/** A model, data and engine small enough for tests. */
final class TinyRun {
  static final int VOCABULARY = 256;
  static final int CONTEXT = 8;

  private TinyRun() {}

  /** D8 L2 H2 E3 k2 F12 T8 on the synthetic language, without auxiliary losses; and settings. */
  static RunConfig config(String... settings) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "model.d_model=8",
                "model.n_layers=2",
                "model.n_heads=2",
                "model.n_experts=3",
                "model.top_k=2",
                "model.d_ff=12",
                "model.context=" + CONTEXT,
                "model.balance_loss=0",
                "data.path=synthetic",
                "data.max_bytes=6000",
                "train.batch_size=2",
                "train.steps=6",
                "train.eval_windows=3",
                "train.eval_every=0",
                "train.checkpoint_every=0",
                "train.log_every=2",
                "optimizer.type=adamw",
                "engine.name=reference"));
    all.addAll(List.of(settings));
    return RunConfig.of(all.toArray(String[]::new));
  }

  static Engine reference() {
    return Engines.open("reference", EngineOptions.defaults(), notice -> {});
  }

  static Dataset data(RunConfig config) {
    return Dataset.open(config.data(), config.model().context(), notice -> {});
  }

  static LanguageModel model(RunConfig config) {
    return LanguageModel.of(config.model(), VOCABULARY);
  }

  /** A model whose first weights are on the engine. */
  static LanguageModel start(Engine engine, RunConfig config) {
    LanguageModel model = model(config);
    model.initialize(config.train().seed()).forEach(engine::write);
    return model;
  }

  /** Tokens as int [B, T]. */
  static Tensor ids(int batch, int[] tokens) {
    return Tensor.of(Shape.of(batch, tokens.length / batch), tokens);
  }
}
