package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.nn.ModelSize;
import io.manifoldmuon.model.train.Checkpoint;
import io.manifoldmuon.model.train.ProgressListener;
import io.manifoldmuon.model.train.Rehearsal;
import io.manifoldmuon.model.train.StopRequest;
import io.manifoldmuon.model.train.TensorBoardLog;
import io.manifoldmuon.model.train.TrainJob;
import io.manifoldmuon.model.train.TrainResult;
import io.manifoldmuon.model.train.TrainResult.Outcome;
import io.manifoldmuon.model.train.Trainer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Trains for a command, new or resumed, and tells how it ended. */
final class Training {
  private final Terminal terminal;
  private final Terminal messages;
  private final boolean json;
  private final boolean tensorBoard;

  /** What makes the trainer of a command. */
  interface Start {
    Trainer trainer(ProgressListener listener, StopRequest stop);
  }

  /**
   * Training that prints.
   *
   * @param json whether the result is to be one line of JSON
   * @param tensorBoard whether every logged step goes to an event file too
   */
  Training(Terminal terminal, boolean json, boolean tensorBoard) {
    this.terminal = terminal;
    this.json = json;
    this.tensorBoard = tensorBoard;
    this.messages = json ? terminal.messagesOnly() : terminal;
  }

  /** Where everything but the result goes. */
  Terminal messages() {
    return messages;
  }

  /** Trains, and gives the exit code. */
  int run(TrainJob job, Engine engine, Start start) {
    try (Interruption interruption = new Interruption(messages);
        TensorBoardLog events = new TensorBoardLog(job.folder())) {
      var printer = new ProgressPrinter(messages);
      var listener = tensorBoard ? ProgressListener.both(printer, events) : printer;
      Trainer trainer = start.trainer(listener, interruption);
      describe(job, engine, trainer.size());
      TrainResult result = trainer.run();
      print(result);
      if (json) {
        terminal.line(Json.line(fields(result)));
      }
      return result.outcome() == Outcome.INTERRUPTED ? Main.INTERRUPTED : Main.DONE;
    } catch (NumericalException e) {
      if (Checkpoint.isIn(job.folder())) {
        messages.line("to go on from the last checkpoint: " + resume(job.folder()) + " --set …");
      }
      throw e;
    }
  }

  /** Does once what a run does, and says how it went. */
  int rehearse(RunConfig config, Dataset data, Engine engine, String command) {
    Rehearsal.Outcome done;
    try (Interruption interruption = new Interruption(messages)) {
      var printer = new ProgressPrinter(messages);
      done = Rehearsal.run(config, data, engine, printer, interruption, command);
      if (interruption.afterStep()) {
        return Main.INTERRUPTED;
      }
    }
    TrainResult after = done.after();
    messages.line(
        Texts.format(
            "fast-dev-run: %d steps, validation, checkpoint and resumption work; validation loss"
                + " %.4f, then %.4f; nothing is left of it",
            after.step(), done.before().validationLoss(), after.validationLoss()));
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("outcome", "rehearsed");
      fields.put("step", after.step());
      fields.put("val_loss", after.validationLoss());
      terminal.line(Json.line(fields));
    }
    return Main.DONE;
  }

  private void describe(TrainJob job, Engine engine, ModelSize size) {
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
  }

  /** The command that goes on with a run, to be typed as it is. */
  static String resume(Path folder) {
    return "./muon resume " + CommandText.quoted(folder.toString());
  }

  private void print(TrainResult r) {
    if (!r.sample().isEmpty()) {
      messages.line("");
      messages.line("--- how the model goes on after the first tokens of the validation text ---");
      messages.line(Texts.printable(r.sample()));
      messages.line("---");
    }
    messages.line(
        Texts.format(
            "%s: %,d steps, %,d tokens in %s",
            how(r.outcome()), r.step(), r.tokens(), Texts.duration(r.seconds())));
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
    if (Files.exists(r.folder().resolve("report.html"))) {
      messages.line("report " + r.folder().resolve("report.html"));
    }
    if (r.outcome() == Outcome.INTERRUPTED) {
      messages.line("to go on: " + resume(r.folder()));
    }
  }

  /** An outcome in words. */
  static String how(Outcome outcome) {
    return switch (outcome) {
      case COMPLETED -> "done";
      case OUT_OF_TIME -> "time limit reached";
      case OUT_OF_TOKENS -> "token limit reached";
      case STOPPED_EARLY -> "stopped early, the validation loss does not fall any more";
      case INTERRUPTED -> "interrupted";
    };
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
}
