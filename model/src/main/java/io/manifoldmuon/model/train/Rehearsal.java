package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Dataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Everything that a run does, once: steps, a validation, a checkpoint, and a resumption, in a
 * temporary folder that is removed.
 */
public final class Rehearsal {
  /** The settings that a rehearsal puts over a run's. */
  public static final List<String> SETTINGS =
      List.of(
          "train.eval_every=1",
          "train.eval_windows=2",
          "train.log_every=1",
          "train.checkpoint_every=1",
          "train.early_stop_patience=0",
          "train.max_minutes=0",
          "train.max_tokens=0");

  private static final int BEFORE = 2;
  private static final int AFTER = 1;

  /** The steps that a rehearsal needs: a run of fewer is rehearsed with as many. */
  public static final int STEPS = BEFORE + AFTER;

  private Rehearsal() {}

  /**
   * What was rehearsed.
   *
   * @param before the run up to its interruption
   * @param after what went on from its checkpoint
   */
  public record Outcome(TrainResult before, TrainResult after) {}

  /**
   * Trains, stops and resumes.
   *
   * @param config of the run with {@link #SETTINGS} over it
   * @param stop asked after every step; once true, both runs end after that step
   */
  public static Outcome run(
      RunConfig config,
      Dataset data,
      Engine engine,
      ProgressListener listener,
      StopRequest stop,
      String command) {
    Path parent;
    try {
      parent = Files.createTempDirectory("muon-rehearsal");
    } catch (IOException e) {
      throw OutputException.of(Path.of(System.getProperty("java.io.tmpdir")), e);
    }
    try {
      var job = new TrainJob(config, data, parent.resolve("run"), command);
      TrainResult before = new Trainer(job, engine, listener, after(BEFORE, stop)).run();
      try (Resumption resumption = Resumption.open(job.folder())) {
        TrainResult after =
            resumption.over(config).isPresent()
                ? before
                : Trainer.resume(job, engine, listener, after(AFTER, stop), resumption).run();
        return new Outcome(before, after);
      }
    } finally {
      delete(parent);
    }
  }

  private static StopRequest after(int steps, StopRequest stop) {
    int[] asked = {0};
    return new StopRequest() {
      @Override
      public boolean afterStep() {
        return ++asked[0] >= steps || stop.afterStep();
      }

      @Override
      public boolean atOnce() {
        return stop.atOnce();
      }
    };
  }

  private static void delete(Path folder) {
    try {
      AtomicFolder.delete(folder);
    } catch (IOException e) {
      throw OutputException.of(folder, e);
    }
  }
}
