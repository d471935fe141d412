package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.format.FormatException;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.model.train.Checkpoint;
import io.manifoldmuon.model.train.EngineOpening;
import io.manifoldmuon.model.train.Evaluation;
import io.manifoldmuon.model.train.Evaluator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures a checkpoint's loss on a text. */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    header = "Measures a checkpoint's loss on a text.",
    description = {
      "Measures the mean cross-entropy of a checkpoint on a text, in nats per token, over",
      "non-overlapping windows of the model's context from the start of the text."
    })
final class EvalCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private CheckpointOptions source;

  @Option(names = "--data", required = true, paramLabel = "FILE", description = "The text.")
  private String data;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "The most tokens to predict, in whole windows; all without it.")
  private Long tokens;

  @Option(names = "--json", description = "Print {\"loss\", \"perplexity\", \"tokens\"} only.")
  private boolean json;

  EvalCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Numbers.atLeast("--tokens", tokens, 1);
    Checkpoint checkpoint = source.checkpoint();
    RunConfig config = source.config(checkpoint, data);
    int context = config.model().context();
    Terminal messages = json ? terminal.messagesOnly() : terminal;
    try (Dataset text = Dataset.openWhole(config.data(), context, messages::notice);
        Engine engine = EngineOpening.open(config.engine(), messages::notice)) {
      LanguageModel model = checkpoint.load(engine, config);
      long windows = Evaluator.windows(text.train(), config.model());
      int batch = Evaluator.batchFor(config.model(), windows);
      try (Evaluator evaluator = new Evaluator(engine, model, config.model(), batch)) {
        print(evaluator.fromStart(text.train(), tokens == null ? 0 : tokens));
      } catch (NumericalException e) { // here the file is at fault, not a training
        throw new FormatException(checkpoint.folder(), e.getMessage(), e);
      }
    }
    return Main.DONE;
  }

  private void print(Evaluation e) {
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("loss", e.loss());
      fields.put("perplexity", e.perplexity());
      fields.put("tokens", e.tokens());
      terminal.line(Json.line(fields));
    } else {
      terminal.line(
          Texts.format(
              "loss %.6f nats per token, perplexity %.4f, over %,d tokens",
              e.loss(), e.perplexity(), e.tokens()));
    }
  }
}
