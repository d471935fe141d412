package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.TextStream;
import io.manifoldmuon.model.data.Tokenizer;
import io.manifoldmuon.model.data.Tokenizers;
import io.manifoldmuon.model.nn.MoeLanguageModel;
import io.manifoldmuon.model.train.Checkpoint;
import io.manifoldmuon.model.train.EngineOpening;
import io.manifoldmuon.model.train.Prompts;
import io.manifoldmuon.model.train.Sampler;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lets a checkpoint write. */
@Command(
    name = "sample",
    mixinStandardHelpOptions = true,
    header = "Continues a text with a checkpoint.",
    description = "Continues a text with a checkpoint, token by token.")
final class SampleCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private CheckpointOptions source;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description = "What to continue; without it, the start of a document.")
  private String prompt;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "400",
      description = "The number of tokens to draw (${DEFAULT-VALUE}).")
  private int tokens;

  @Option(
      names = "--temperature",
      paramLabel = "X",
      defaultValue = "0.8",
      description = "Divides the logits; 0 takes the likeliest token (${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      defaultValue = "40",
      description = "Draw from the K likeliest tokens only, 0 for all (${DEFAULT-VALUE}).")
  private int topK;

  @Option(names = "--json", description = "Print {\"prompt\", \"text\", \"tokens\"} only.")
  private boolean json;

  SampleCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Checkpoint checkpoint = source.checkpoint();
    RunConfig config = source.config(checkpoint);
    var settings = new Sampler.Settings(temperature, topK, config.train().seed(), tokens);
    Tokenizer tokenizer = Tokenizers.named(config.data().tokenizer());
    int[] start =
        prompt == null || prompt.isEmpty() ? Prompts.initial(tokenizer) : tokenizer.encode(prompt);
    try (Engine engine = EngineOpening.open(config.engine(), terminal.messagesOnly()::notice)) {
      MoeLanguageModel model = checkpoint.load(engine, config);
      try (Sampler sampler = new Sampler(engine, model, config.model())) {
        write(sampler, start, settings, tokenizer.textStream());
      }
    }
    return Main.DONE;
  }

  private void write(Sampler sampler, int[] start, Sampler.Settings settings, TextStream stream) {
    String given = prompt == null ? "" : prompt;
    if (json) {
      StringBuilder text = new StringBuilder();
      sampler.sample(start, settings, token -> text.append(stream.accept(token)));
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("prompt", given);
      fields.put("text", text.append(stream.finish()).toString());
      fields.put("tokens", settings.maxTokens());
      terminal.line(Json.line(fields));
    } else {
      terminal.print(given);
      sampler.sample(start, settings, token -> terminal.print(stream.accept(token)));
      terminal.line(stream.finish());
    }
  }
}
