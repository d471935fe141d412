package io.manifoldmuon.model.cli;

import io.manifoldmuon.model.config.ConfigBuilder;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Preparer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Turns text into token shards. */
@Command(
    name = "prepare",
    mixinStandardHelpOptions = true,
    header = "Writes a text as token shards.",
    description = {
      "Writes a text as .bin token shards, NAME_train_000000.bin and NAME_val_000000.bin and so on,",
      "which --data reads by memory map."
    })
final class PrepareCommand implements Callable<Integer> {
  private static final long NANOS_BETWEEN = 200_000_000;

  private final Terminal terminal;

  @Mixin private ConfigurationOptions options;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description = "Text: a file, folder, zip or glob; the JDK's sources without it.")
  private String data;

  @Option(names = "--tokenizer", paramLabel = "NAME", description = "bytes or gpt2.")
  private String tokenizer;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "The folder of the shards; made where it is missing.")
  private Path out;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = "text",
      description = "The start of the file names (${DEFAULT-VALUE}).")
  private String name;

  @Option(
      names = "--shard-tokens",
      paramLabel = "N",
      defaultValue = "" + Preparer.DEFAULT_SHARD_TOKENS,
      description = "The most tokens of a shard (${DEFAULT-VALUE}).")
  private int shardTokens;

  @Option(names = "--overwrite", description = "Replace shards of that name.")
  private boolean overwrite;

  @Option(
      names = "--json",
      description = "Print {\"train_tokens\", \"validation_tokens\", \"files\"} only.")
  private boolean json;

  private long shown;

  PrepareCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    ConfigBuilder builder = options.over(new ConfigBuilder());
    if (data != null) {
      builder.option("--data", "data.path", data);
    }
    if (tokenizer != null) {
      builder.option("--tokenizer", "data.tokenizer", tokenizer);
    }
    RunConfig config = builder.build();
    Terminal messages = json ? terminal.messagesOnly() : terminal;
    var target = new Preparer.Target(out, name, shardTokens, overwrite);
    Preparer.Report report =
        Preparer.prepare(
            config.data(),
            target,
            messages::notice,
            (read, total, tokens) -> progress(messages, read, total, tokens));
    if (json) {
      terminal.line(Json.line(fields(report)));
    } else {
      print(report);
    }
    return Main.DONE;
  }

  private void progress(Terminal messages, long read, long total, long tokens) {
    long now = System.nanoTime();
    if (messages.interactive() && (read == total || now - shown > NANOS_BETWEEN)) {
      shown = now;
      messages.rewrite(
          Texts.format("%s of %s, %,d tokens", Texts.bytes(read), Texts.bytes(total), tokens));
    }
  }

  private static Map<String, Object> fields(Preparer.Report report) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("train_tokens", report.trainTokens());
    fields.put("validation_tokens", report.validationTokens());
    fields.put("files", report.files().stream().map(Path::toString).toList());
    return fields;
  }

  private void print(Preparer.Report report) {
    terminal.line(
        Texts.format(
            "%s: %,d tokens for training, %,d for validation",
            report.source(), report.trainTokens(), report.validationTokens()));
    report.files().forEach(f -> terminal.line("  " + f));
  }
}
