package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.ConfigBuilder;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.train.EngineOpening;
import io.manifoldmuon.model.train.Rehearsal;
import io.manifoldmuon.model.train.RunFolder;
import io.manifoldmuon.model.train.TrainJob;
import io.manifoldmuon.model.train.Trainer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a model. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    header = "Trains a model and writes a run folder: checkpoints, metrics, report.",
    description = {
      "Trains a model and writes a run folder: checkpoints, metrics.jsonl, report.html.",
      "Without options: the tiny preset on the JDK's own sources, 1,500 steps."
    })
final class TrainCommand implements Callable<Integer> {
  private final Terminal terminal;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;
  @Mixin private ConfigurationOptions options;
  @Mixin private TrainingOptions how;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description = "Text: a file, folder, zip or glob, or .bin token shards (data.path).")
  private String data;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The run folder, new or empty; runs/<time>-<preset> without it.")
  private Path out;

  @Option(
      names = "--dry-run",
      description = "Print shapes, sizes, memory and an estimate of the time; train nothing.")
  private boolean dryRun;

  @Option(
      names = "--fast-dev-run",
      description =
          "Rehearse: a few steps, a validation, a checkpoint and a resumption in a temporary folder.")
  private boolean rehearse;

  TrainCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    ConfigBuilder builder = options.over(new ConfigBuilder());
    if (data != null) {
      builder.option("--data", "data.path", data);
    }
    if (rehearse) {
      builder.set(Rehearsal.SETTINGS);
    }
    RunConfig config = builder.build();
    if (rehearse && config.train().steps() < Rehearsal.STEPS) {
      config = builder.set(List.of("train.steps=" + Rehearsal.STEPS)).build();
    }
    Path folder = out != null ? out : RunFolder.defaultPath(config.model().preset().toString());
    RunFolder.check(folder);
    Training training = how.on(terminal);
    Terminal messages = training.messages();
    try (Dataset text = Dataset.open(config.data(), config.model().context(), messages::notice);
        Engine engine = EngineOpening.open(config.engine(), messages::notice)) {
      if (dryRun) {
        new DryRun(messages, config, text).run(engine);
        return Main.DONE;
      }
      if (rehearse) {
        return training.rehearse(config, text, engine, CommandText.of(spec));
      }
      var job = new TrainJob(config, text, folder, CommandText.of(spec));
      return training.run(
          job, engine, (listener, stop) -> new Trainer(job, engine, listener, stop));
    }
  }
}
