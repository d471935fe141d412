package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.train.EngineOpening;
import io.manifoldmuon.model.train.Resumption;
import io.manifoldmuon.model.train.TrainJob;
import io.manifoldmuon.model.train.TrainResult.Outcome;
import io.manifoldmuon.model.train.Trainer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Goes on with a run. */
@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    header = "Goes on with a run that was stopped, as if it never had been.",
    description = {
      "Goes on from the newest checkpoint of a run that is whole by its checksums; says which were",
      "passed over, and why. On the cpu engine with the same number of threads the weights are,",
      "bit for bit, those of a run that was never stopped.",
      "--set train.steps=N and other keys that do not touch the steps that are done go on longer",
      "or otherwise; keys that would have made other steps are refused."
    })
final class ResumeCommand implements Callable<Integer> {
  private final Terminal terminal;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;
  @Mixin private ConfigurationOptions options;
  @Mixin private TrainingOptions how;

  @Parameters(paramLabel = "DIR", description = "The run's folder, or the newest checkpoint in it.")
  private Path folder;

  ResumeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Training training = how.on(terminal);
    try (Resumption resumption = Resumption.open(folder)) {
      resumption.notices().forEach(training.messages()::notice);
      RunConfig config = options.over(resumption.config()).build();
      resumption.requireSamePast(config);
      Optional<Outcome> over = resumption.over(config);
      if (over.isPresent()) {
        return nothingToDo(resumption, over.get(), training);
      }
      return resume(resumption, config, training);
    }
  }

  private int resume(Resumption resumption, RunConfig config, Training training) {
    Terminal messages = training.messages();
    int context = config.model().context();
    try (Dataset text = Dataset.open(config.data(), context, messages::notice);
        Engine engine = EngineOpening.open(config.engine(), messages::notice)) {
      var job = new TrainJob(config, text, resumption.folder(), CommandText.of(spec));
      return training.run(
          job, engine, (listener, stop) -> Trainer.resume(job, engine, listener, stop, resumption));
    }
  }

  private int nothingToDo(Resumption resumption, Outcome over, Training training) {
    String more =
        switch (over) {
          case COMPLETED -> "train.steps";
          case OUT_OF_TIME -> "train.max_minutes";
          case OUT_OF_TOKENS -> "train.max_tokens";
          case STOPPED_EARLY -> "train.early_stop_patience";
          case INTERRUPTED -> throw new IllegalStateException("an interrupted run is not over");
        };
    training
        .messages()
        .line(
            Texts.format(
                "nothing to do: the run is complete after %,d steps (%s); to go on longer: %s"
                    + " --set %s=…",
                resumption.step(), Training.how(over), Training.resume(resumption.folder()), more));
    if (how.json()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("outcome", over.toString().toLowerCase(Locale.ROOT));
      fields.put("step", resumption.step());
      fields.put("out", resumption.folder().toString());
      terminal.line(Json.line(fields));
    }
    return Main.DONE;
  }
}
