package io.manifoldmuon.tests.engines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.train.EngineOpening;
import io.manifoldmuon.model.train.ProgressListener;
import io.manifoldmuon.model.train.Resumption;
import io.manifoldmuon.model.train.TrainJob;
import io.manifoldmuon.model.train.TrainResult;
import io.manifoldmuon.model.train.Trainer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that one engine began goes on with another. */
class EngineChangeTest {
  /**
   * Of float32 and another order of sums, over two steps of AdamW; a step moves the loss by 0.1.
   */
  private static final double TOLERANCE = 2e-3;

  @TempDir Path temp;

  private static RunConfig config(String engine, int tokens) {
    return RunConfig.of(
        "engine.name=" + engine,
        "engine.threads=1",
        "model.d_model=16",
        "model.n_layers=1",
        "model.n_heads=2",
        "model.n_experts=3",
        "model.top_k=2",
        "model.d_ff=16",
        "model.context=8",
        "model.router_bias=true",
        "data.path=synthetic",
        "data.max_bytes=6000",
        "optimizer.type=adamw",
        "optimizer.adamw.lr=0.01",
        "optimizer.lr_schedule.schedule=constant",
        "train.batch_size=2",
        "train.steps=5",
        "train.max_tokens=" + tokens,
        "train.eval_windows=8");
  }

  private TrainResult run(String name, RunConfig config, boolean resume) {
    Path folder = temp.resolve(name);
    try (Dataset text = Dataset.open(config.data(), config.model().context(), notice -> {});
        Engine engine = EngineOpening.open(config.engine(), notice -> {})) {
      var job = new TrainJob(config, text, folder, "./muon train");
      if (!resume) {
        return new Trainer(job, engine, ProgressListener.NONE, () -> false).run();
      }
      try (Resumption from = Resumption.open(folder)) {
        return Trainer.resume(job, engine, ProgressListener.NONE, () -> false, from).run();
      }
    }
  }

  @Test
  void whatTheProcessorsBeganGoesOnWithTheKernelsAndBack() {
    double alone = run("alone", config("cpu", 0), false).validationLoss();
    assertThat(run("run", config("cpu", 32), false).step()).isEqualTo(2);
    assertThat(run("run", config("emulator", 64), true).step()).isEqualTo(4);
    TrainResult last = run("run", config("cpu", 0), true);
    assertThat(last.step()).isEqualTo(5);
    System.out.printf(
        "  measured: loss %.6f with a change of engine, %.6f without%n",
        last.validationLoss(), alone);
    assertThat(last.validationLoss()).isCloseTo(alone, within(TOLERANCE));
  }
}
