package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.TextStream;
import io.manifoldmuon.model.data.Tokenizer;
import io.manifoldmuon.model.data.Tokenizers;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.model.train.Checkpoint;
import io.manifoldmuon.model.train.EngineOpening;
import io.manifoldmuon.model.train.Prompts;
import io.manifoldmuon.model.train.Sampler;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lets a checkpoint write. */
@Command(
    name = "sample",
    mixinStandardHelpOptions = true,
    header = "Continues a text with a checkpoint.",
    description = {
      "Continues a text with a checkpoint, token by token, and shows them as they come. Once the",
      "model's context is full, it goes on with the later half of it. The speed is printed to the",
      "error stream."
    })
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

  @Option(
      names = "--no-cache",
      description = "Compute all tokens anew for each one: the same text, slowly.")
  private boolean noCache;

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
      LanguageModel model = checkpoint.load(engine, config);
      try (Sampler sampler =
          noCache
              ? Sampler.uncached(engine, model, config.model())
              : Sampler.cached(engine, model, config.model())) {
        write(sampler, start, settings, tokenizer.textStream());
      }
    }
    return Main.DONE;
  }

  private void write(Sampler sampler, int[] start, Sampler.Settings settings, TextStream stream) {
    String given = prompt == null ? "" : prompt;
    StringBuilder text = new StringBuilder();
    Pace pace = new Pace();
    sampler.sample(
        start,
        settings,
        token -> {
          if (!json && pace.isNew()) { // the prompt is fit, as something came of it
            terminal.print(given);
          }
          pace.token();
          String piece = stream.accept(token);
          if (json) {
            text.append(piece);
          } else {
            terminal.print(Texts.printable(piece));
          }
        });
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("prompt", given);
      fields.put("text", text.append(stream.finish()).toString());
      fields.put("tokens", settings.maxTokens());
      terminal.line(Json.line(fields));
    } else {
      terminal.line(Texts.printable(stream.finish()));
    }
    terminal.messagesOnly().notice(pace.text());
  }

  /** How fast tokens come. */
  private static final class Pace {
    private static final double NANOS_PER_SECOND = 1e9;

    private final long start = System.nanoTime();
    private long first;
    private long last;
    private int tokens;

    boolean isNew() {
      return tokens == 0;
    }

    void token() {
      last = System.nanoTime();
      first = tokens++ == 0 ? last : first;
    }

    /** Tokens a second after the first one, whose time is that of the prompt. */
    OptionalDouble perSecond() {
      return tokens > 1
          ? OptionalDouble.of((tokens - 1) * NANOS_PER_SECOND / (last - first))
          : OptionalDouble.empty();
    }

    String text() {
      String rest =
          perSecond().isPresent()
              ? Texts.format(", then %,.1f tokens/s", perSecond().getAsDouble())
              : "";
      return Texts.format(
          "sample: %,d tokens, the first after %.2f s%s",
          tokens, (first - start) / NANOS_PER_SECOND, rest);
    }
  }
}
