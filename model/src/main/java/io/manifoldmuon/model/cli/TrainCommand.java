package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.ConfigBuilder;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.nn.ModelSize;
import io.manifoldmuon.model.train.EngineOpening;
import io.manifoldmuon.model.train.ProgressListener;
import io.manifoldmuon.model.train.RunFolder;
import io.manifoldmuon.model.train.TensorBoardLog;
import io.manifoldmuon.model.train.TrainJob;
import io.manifoldmuon.model.train.TrainResult;
import io.manifoldmuon.model.train.Trainer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
      names = "--tensorboard",
      description = "Write event files for TensorBoard into the folder tensorboard of the run.")
  private boolean tensorboard;

  @Option(
      names = "--json",
      description = "Print the result as one line of JSON; messages go to the error stream.")
  private boolean json;

  TrainCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    ConfigBuilder builder = options.over(new ConfigBuilder());
    if (data != null) {
      builder.option("--data", "data.path", data);
    }
    RunConfig config = builder.build();
    Path folder = out != null ? out : RunFolder.defaultPath(config.model().preset().toString());
    RunFolder.check(folder);
    Terminal messages = json ? terminal.messagesOnly() : terminal;
    try (Dataset text = Dataset.open(config.data(), config.model().context(), messages::notice);
        Engine engine = EngineOpening.open(config.engine(), messages::notice)) {
      if (dryRun) {
        new DryRun(messages, config, text).run(engine);
        return Main.DONE;
      }
      return train(new TrainJob(config, text, folder, commandLine()), engine, messages);
    }
  }

  private int train(TrainJob job, Engine engine, Terminal messages) {
    try (Interruption interruption = new Interruption(messages);
        TensorBoardLog events = new TensorBoardLog(job.folder())) {
      var printer = new ProgressPrinter(messages);
      var listener = tensorboard ? ProgressListener.both(printer, events) : printer;
      Trainer trainer = new Trainer(job, engine, listener, interruption);
      ModelSize size = trainer.size();
      messages.line(
          Texts.format(
              "%s model, %s parameters, %s active a token; %s: %s",
              job.config().model().preset(),
              Texts.count(size.parameters()),
              Texts.count(size.activeParameters()),
              engine.name(),
              engine.description()));
      messages.line(job.data().description());
      messages.line("run folder " + job.folder());
      TrainResult result = trainer.run();
      print(result, messages);
      if (json) {
        terminal.line(Json.line(fields(result)));
      }
      return result.outcome() == TrainResult.Outcome.INTERRUPTED ? Main.INTERRUPTED : Main.DONE;
    }
  }

  private static void print(TrainResult r, Terminal messages) {
    if (!r.sample().isEmpty()) {
      messages.line("");
      messages.line("--- how the model goes on after the first tokens of the validation text ---");
      messages.line(printable(r.sample()));
      messages.line("---");
    }
    String how =
        switch (r.outcome()) {
          case COMPLETED -> "done";
          case OUT_OF_TIME -> "time limit reached";
          case INTERRUPTED -> "interrupted";
        };
    messages.line(
        Texts.format(
            "%s: %,d steps, %,d tokens in %s",
            how, r.step(), r.tokens(), Texts.duration(r.seconds())));
    if (!Double.isNaN(r.validationLoss())) {
      String floor =
          Double.isNaN(r.floor())
              ? ""
              : Texts.format(
                  "; the least possible is %.4f, %.4f below",
                  r.floor(), r.validationLoss() - r.floor());
      messages.line(
          Texts.format("validation loss %.4f nats per token%s", r.validationLoss(), floor));
    }
    messages.line("checkpoint " + r.checkpoint());
    messages.line("report " + r.folder().resolve("report.html"));
  }

  /** Text from a model without control characters, which could move the cursor. */
  private static String printable(String text) {
    return text.codePoints()
        .map(c -> Character.isISOControl(c) && c != '\n' && c != '\t' ? 0xFFFD : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static Map<String, Object> fields(TrainResult r) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("outcome", r.outcome().toString().toLowerCase(Locale.ROOT));
    fields.put("step", r.step());
    fields.put("tokens", r.tokens());
    fields.put("seconds", r.seconds());
    if (!Double.isNaN(r.validationLoss())) {
      fields.put("val_loss", r.validationLoss());
    }
    fields.put("checkpoint", r.checkpoint().toString());
    fields.put("out", r.folder().toString());
    return fields;
  }

  /** The command as it could be typed again. */
  private String commandLine() {
    List<String> words = spec.commandLine().getParseResult().originalArgs();
    CommandLine root = spec.root().commandLine();
    List<String> all = root.getParseResult() == null ? words : root.getParseResult().originalArgs();
    return "./muon " + all.stream().map(TrainCommand::quoted).collect(Collectors.joining(" "));
  }

  private static String quoted(String word) {
    return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
