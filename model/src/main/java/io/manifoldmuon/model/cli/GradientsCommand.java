package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.data.EvaluationWindows;
import io.manifoldmuon.model.format.AtomicFile;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.model.train.Checkpoint;
import io.manifoldmuon.model.train.EngineOpening;
import io.manifoldmuon.model.train.Gradients;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes the gradients of a checkpoint on a text. */
@Command(
    name = "gradients",
    mixinStandardHelpOptions = true,
    header = "Writes a checkpoint's loss and gradients on a text.",
    description = {
      "Writes the gradient of mean cross-entropy + balance loss (model.balance_loss is its factor),",
      "without router noise, over the first B windows of a text as one batch: one float32 tensor",
      "for each parameter of the checkpoint, under the same names."
    })
final class GradientsCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private CheckpointOptions source;

  @Option(names = "--data", required = true, paramLabel = "FILE", description = "The text.")
  private String data;

  @Option(
      names = "--windows",
      required = true,
      paramLabel = "B",
      description = "The windows of the batch.")
  private int windows;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The safetensors file to write.")
  private Path out;

  @Option(names = "--json", description = "Print {\"loss\", \"balance_loss\", \"tokens\"} only.")
  private boolean json;

  GradientsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Numbers.atLeast("--windows", windows, 1);
    AtomicFile.check(out);
    Checkpoint checkpoint = source.checkpoint();
    RunConfig config = source.config(checkpoint, data);
    Terminal messages = json ? terminal.messagesOnly() : terminal;
    try (Dataset text =
            Dataset.openWhole(config.data(), config.model().context(), messages::notice);
        Engine engine = EngineOpening.open(config.engine(), messages::notice)) {
      LanguageModel model = checkpoint.load(engine, config);
      Gradients gradients = gradients(engine, model, config, text);
      gradients.write(out, model);
      print(gradients, (long) windows * config.model().context());
    }
    return Main.DONE;
  }

  private Gradients gradients(Engine engine, LanguageModel model, RunConfig config, Dataset text) {
    int context = config.model().context();
    var source = new EvaluationWindows(text.train(), model.vocabulary(), context);
    if (windows > source.count()) {
      throw new ConfigException(
          "--windows is "
              + windows
              + ", but the text has "
              + source.count()
              + " windows of "
              + context
              + " tokens; give more text or fewer windows");
    }
    Shape shape = Shape.of(windows, context);
    int[] ids = new int[shape.size()];
    int[] targets = new int[shape.size()];
    source.fill(0, windows, ids, targets);
    return Gradients.of(engine, model, Tensor.of(shape, ids), Tensor.of(shape, targets));
  }

  private void print(Gradients g, long tokens) {
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("loss", g.loss());
      fields.put("balance_loss", g.balanceLoss());
      fields.put("tokens", tokens);
      terminal.line(Json.line(fields));
    } else {
      terminal.line(
          Texts.format(
              "loss %.6f nats per token, balance loss %.6f, over %,d tokens; gradients in %s",
              g.loss(), g.balanceLoss(), tokens, out));
    }
  }
}
