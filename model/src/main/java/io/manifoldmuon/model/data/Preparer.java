package io.manifoldmuon.model.data;

import io.manifoldmuon.model.config.DataConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Writes the text of a {@link DataConfig} as token shards {@code NAME_train_000000.bin}, … and
 * {@code NAME_val_000000.bin}, …, split as {@link Dataset#open} splits it.
 *
 * <p>Memory is bounded whatever the size of the text. The shards get their names at the end, when
 * all are complete.
 */
public final class Preparer {
  /** Tokens a shard where the user names no number. */
  public static final int DEFAULT_SHARD_TOKENS = 100_000_000;

  /** Watches the work. */
  @FunctionalInterface
  public interface Progress {
    /** Called after each block of tokens; the work is done when bytesRead equals bytesTotal. */
    void update(long bytesRead, long bytesTotal, long tokensWritten);
  }

  /** What was written. */
  public record Report(String source, long trainTokens, long validationTokens, List<Path> files) {}

  /**
   * Where and how to write.
   *
   * @param folder created when missing
   * @param name the start of the file names: letters, digits, dots, dashes and underscores
   * @param shardTokens the most tokens of one shard
   * @param overwrite whether shards of that name that are there are replaced
   */
  public record Target(Path folder, String name, int shardTokens, boolean overwrite) {
    public Target {
      if (!name.matches("[\\p{L}\\p{N}][\\p{L}\\p{N}._-]*")) {
        throw new DataException(
            Sentence.of(
                "prepare: the name is \"%s\"; wanted letters, digits, dots, dashes "
                    + "and underscores",
                name));
      }
      if (shardTokens < 1) {
        throw new DataException(
            Sentence.of("prepare: a shard of %d tokens; wanted at least 1", shardTokens));
      }
    }
  }

  private final DataConfig config;
  private final Target target;
  private final Consumer<String> notices;
  private final Progress progress;

  private Preparer(DataConfig config, Target target, Consumer<String> notices, Progress progress) {
    this.config = config;
    this.target = target;
    this.notices = notices;
    this.progress = progress;
  }

  /** Encodes and writes everything. */
  public static Report prepare(
      DataConfig config, Target target, Consumer<String> notices, Progress progress) {
    return new Preparer(config, target, notices, progress).run();
  }

  private record Plan(String source, TextSplit split) {}

  private Report run() {
    Tokenizer tokenizer = Tokenizers.named(config.tokenizer());
    List<Corpus> corpora = new ArrayList<>();
    try {
      Plan plan = plan(tokenizer, corpora);
      List<Path> old = oldShards();
      return write(tokenizer, plan, old);
    } finally {
      corpora.forEach(Corpus::close);
    }
  }

  private Plan plan(Tokenizer tokenizer, List<Corpus> corpora) {
    Corpus train = corpus(config.path());
    corpora.add(train);
    Selection texts = TextSource.select(train, config.maxBytes(), tokenizer, notices);
    String source = TextSource.describe(train, texts);
    if (config.valPath() == null) {
      boolean characters = TextSource.readsCharacters(tokenizer);
      return new Plan(source, TextSplit.of(texts.texts(), config.valFraction(), characters));
    }
    Corpus validation = corpus(config.valPath());
    corpora.add(validation);
    Selection kept = TextSource.select(validation, config.maxBytes(), tokenizer, notices);
    return new Plan(
        source + " and, for validation, " + TextSource.describe(validation, kept),
        new TextSplit(texts.texts(), kept.texts()));
  }

  private Corpus corpus(String path) {
    return switch (TextSource.resolve(path, config.maxBytes(), notices)) {
      case Source.Text(Corpus corpus) -> corpus;
      case Source.TokenFiles(String given, List<Path> _) ->
          throw new DataException(
              Sentence.of("prepare: %s is token shards already; give text", given));
    };
  }

  private Report write(Tokenizer tokenizer, Plan plan, List<Path> old) {
    String name = target.name;
    int vocabulary = tokenizer.vocabSize();
    try (var train =
            new ShardWriter(target.folder, name + "_train", vocabulary, target.shardTokens);
        var validation =
            new ShardWriter(target.folder, name + "_val", vocabulary, target.shardTokens)) {
      var encoder = new TextEncoder(tokenizer, true);
      var counter = new Counter(plan.split, train, validation);
      counter.encode(encoder, plan.split.train(), train);
      counter.encode(encoder, plan.split.validation(), validation);
      requireTokens("training", plan.source, train.total());
      requireTokens("validation", plan.source, validation.total());
      delete(old);
      var files = new ArrayList<Path>(train.commit());
      files.addAll(validation.commit());
      return new Report(plan.source, train.total(), validation.total(), List.copyOf(files));
    }
  }

  /** Reports the progress after each block of tokens and each document. */
  private final class Counter {
    private final ShardWriter train;
    private final ShardWriter validation;
    private final long bytesTotal;
    private long bytesRead;

    private Counter(TextSplit split, ShardWriter train, ShardWriter validation) {
      this.train = train;
      this.validation = validation;
      this.bytesTotal = bytes(split.train()) + bytes(split.validation());
    }

    private void encode(TextEncoder encoder, List<TextSlice> texts, ShardWriter writer) {
      for (TextSlice text : texts) {
        long before = writer.total();
        TokenSink sink =
            (tokens, offset, count) -> {
              writer.accept(tokens, offset, count);
              // Within a text, the bytes behind the tokens are not known: at least one each.
              update(Math.min(writer.total() - before, text.size()));
            };
        encoder.encode(List.of(text), sink);
        bytesRead += text.size();
        update(0);
      }
    }

    private void update(long within) {
      progress.update(
          bytesRead + within, bytesTotal, Math.addExact(train.total(), validation.total()));
    }
  }

  private static long bytes(List<TextSlice> texts) {
    return texts.stream().mapToLong(TextSlice::size).sum();
  }

  private static void requireTokens(String part, String source, long tokens) {
    if (tokens == 0) {
      throw new DataException(
          Sentence.of(
              "prepare: %s leaves no %s text; give more text, or another " + "data.val_fraction",
              source, part));
    }
  }

  /** Makes the folder, and finds the shards in the way. */
  private List<Path> oldShards() {
    String name = target.name;
    List<Path> old;
    try {
      Files.createDirectories(target.folder);
      try (var files = Files.list(target.folder)) {
        old = files.filter(f -> isShard(f.getFileName().toString(), name)).sorted().toList();
      }
    } catch (IOException e) {
      throw DataException.of("write token shards to", target.folder, e);
    }
    if (!old.isEmpty() && !target.overwrite) {
      throw new DataException(
          Sentence.of(
              "prepare: %s is there already; choose another name or folder, or " + "overwrite",
              old.getFirst()));
    }
    return old;
  }

  private static boolean isShard(String file, String name) {
    return file.matches(Pattern.quote(name) + "_(train|val)_\\d{6}\\.bin");
  }

  private static void delete(List<Path> files) {
    for (Path file : files) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw DataException.of("delete", file, e);
      }
    }
  }
}
