package io.manifoldmuon.model.data;

import io.manifoldmuon.model.config.DataConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Builds a {@link Dataset}: resolves paths, splits, encodes or maps, and checks the lengths. */
final class DatasetLoader {
  private static final Set<String> TRAINING_WORDS = Set.of("train", "training");
  private static final Set<String> VALIDATION_WORDS = Set.of("val", "valid", "validation");

  private final DataConfig config;
  private final int context;
  private final Consumer<String> notices;
  private final Tokenizer tokenizer;
  private final Arena arena;

  private OptionalDouble floor = OptionalDouble.empty();
  private String source = "";

  private DatasetLoader(
      DataConfig config, int context, Consumer<String> notices, Tokenizer tokenizer, Arena arena) {
    this.config = config;
    this.context = context;
    this.notices = notices;
    this.tokenizer = tokenizer;
    this.arena = arena;
  }

  @SuppressWarnings("MustBeClosedChecker") // the dataset owns the arena and closes it
  static Dataset load(DataConfig config, int context, Consumer<String> notices, boolean whole) {
    Tokenizer tokenizer = Tokenizers.named(config.tokenizer());
    Arena arena = Arena.ofShared();
    try {
      var loader = new DatasetLoader(config, context, notices, tokenizer, arena);
      return whole ? loader.whole() : loader.split();
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private record Pair(Tokens train, Tokens validation) {}

  private Dataset whole() {
    Tokens all = all(config.path(), "the text", false);
    requireWindow("", "give more text", all);
    return dataset(all, all, Sentence.of("%,d tokens", all.size()));
  }

  private Dataset split() {
    Pair pair;
    if (config.valPath() == null) {
      pair = splitOne(config.path());
    } else {
      Tokens train = all(config.path(), "the training text", true);
      String trainSource = source;
      OptionalDouble trainFloor = floor;
      Tokens validation = all(config.valPath(), "the validation text", true);
      source = trainSource + " and, for validation, " + source;
      floor = trainFloor.equals(floor) ? floor : OptionalDouble.empty();
      pair = new Pair(train, validation);
    }
    return finish(
        pair.train,
        pair.validation,
        Sentence.of(
            "%,d tokens for training, %,d for validation",
            pair.train.size(), pair.validation.size()));
  }

  private Dataset finish(Tokens train, Tokens validation, String sizes) {
    String remedy = "give more text, another data.val_fraction, or a smaller model.context";
    requireWindow("training ", remedy, train);
    requireWindow("validation ", remedy, validation);
    return dataset(train, validation, sizes);
  }

  private Dataset dataset(Tokens train, Tokens validation, String sizes) {
    String description =
        Sentence.of(
            "%s; tokenizer %s (vocabulary %,d); %s",
            source, tokenizer.name(), tokenizer.vocabSize(), sizes);
    return new Dataset(tokenizer, train, validation, description, floor, arena);
  }

  private void requireWindow(String part, String remedy, Tokens tokens) {
    if (tokens.size() <= context) {
      throw new DataException(
          Sentence.of(
              "data: the %stext of %s has %,d tokens, but one window needs %,d (a "
                  + "context of %,d and the next token); %s",
              part, source, tokens.size(), context + 1L, context, remedy));
    }
  }

  /** All tokens of a path. */
  private Tokens all(String path, String name, boolean startTokens) {
    return switch (TextSource.resolve(path, config.maxBytes(), notices)) {
      case Source.Text(Corpus corpus) -> {
        try (corpus) {
          List<TextSlice> texts = select(corpus).texts();
          yield encode(name, texts, startTokens || texts.size() > 1);
        }
      }
      case Source.TokenFiles(String given, List<Path> files) -> shards(given, files);
    };
  }

  private Pair splitOne(String path) {
    return switch (TextSource.resolve(path, config.maxBytes(), notices)) {
      case Source.Text(Corpus corpus) -> {
        try (corpus) {
          var texts = TextSplit.of(select(corpus).texts(), config.valFraction(), readsCharacters());
          yield new Pair(
              encode("the training text", texts.train(), true),
              encode("the validation text", texts.validation(), true));
        }
      }
      case Source.TokenFiles(String given, List<Path> files) -> splitShards(given, files);
    };
  }

  /** What the name of a shard says of it. */
  private enum Part {
    TRAIN,
    VALIDATION,
    NEITHER;

    /** By the last word of the name that says so: prepare puts it behind the user's own words. */
    static Part of(Path shard) {
      Part part = NEITHER;
      for (String word :
          shard.getFileName().toString().toLowerCase(Locale.ROOT).split("[^a-z]+", -1)) {
        if (TRAINING_WORDS.contains(word)) {
          part = TRAIN;
        } else if (VALIDATION_WORDS.contains(word)) {
          part = VALIDATION;
        }
      }
      return part;
    }
  }

  /** By what the names of the shards say, or the last tokens. */
  private Pair splitShards(String given, List<Path> files) {
    Map<Part, List<Path>> parts = files.stream().collect(Collectors.groupingBy(Part::of));
    List<Path> validation = parts.getOrDefault(Part.VALIDATION, List.of());
    List<Path> train = parts.getOrDefault(Part.TRAIN, List.of());
    List<Path> others = parts.getOrDefault(Part.NEITHER, List.of());
    if (others.isEmpty() && !train.isEmpty() && !validation.isEmpty()) {
      Tokens first = shards(given, train);
      return new Pair(first, shards(given, validation));
    }
    if (!validation.isEmpty()) {
      notices.accept(
          Sentence.of(
              "%d shards of %s say val in their names, but %s, so that none is taken at its word:"
                  + " the last %s of all tokens are for validation",
              validation.size(),
              given,
              others.isEmpty()
                  ? "none says train"
                  : others.getFirst().getFileName() + " says neither train nor val",
              config.valFraction()));
    }
    Tokens all = shards(given, files);
    long cut = TextSplit.trainSize(all.size(), config.valFraction());
    return new Pair(all.slice(0, cut), all.slice(cut, all.size()));
  }

  private Tokens shards(String given, List<Path> files) {
    source = "token shards of " + given;
    return Shards.open(given, files, arena);
  }

  private Selection select(Corpus corpus) {
    Selection selection = TextSource.select(corpus, config.maxBytes(), tokenizer, notices);
    source = TextSource.describe(corpus, selection);
    floor =
        tokenizer instanceof ByteTokenizer
            ? corpus.language().stream()
                .mapToDouble(language -> language.floorNatsPerToken(context))
                .findFirst()
            : OptionalDouble.empty();
    return selection;
  }

  private boolean readsCharacters() {
    return TextSource.readsCharacters(tokenizer);
  }

  /** Maps one file of bytes; encodes everything else into memory. */
  private Tokens encode(String name, List<TextSlice> texts, boolean startTokens) {
    if (tokenizer instanceof ByteTokenizer
        && texts.size() == 1
        && texts.getFirst().document() instanceof Document.OfFile file) {
      MemorySegment bytes = Shards.map(file.path(), arena);
      TextSlice slice = texts.getFirst();
      if (bytes.byteSize() != file.size()) {
        throw new DataException(
            Sentence.of(
                "read %s: the file changed its size while it was read; try again", file.path()));
      }
      return new SegmentTokens(
          name, bytes.asSlice(slice.from(), slice.size()), SegmentTokens.Width.U8);
    }
    requireMemory(texts);
    var builder = new TokenBuilder(name, tokenizer.vocabSize());
    new TextEncoder(tokenizer, startTokens).encode(texts, builder);
    return builder.build();
  }

  /**
   * Fails early when the tokens, about a byte for each byte of text or less, cannot fit the heap.
   */
  private static void requireMemory(List<TextSlice> texts) {
    long bytes = texts.stream().mapToLong(TextSlice::size).sum();
    long heap = Runtime.getRuntime().maxMemory();
    if (bytes > heap / 2) {
      throw new DataException(
          Sentence.of(
              "data: the text has %,d bytes, too many for the Java heap of %,d; "
                  + "set data.max_bytes, or write token shards with prepare and train on "
                  + "those",
              bytes, heap));
    }
  }
}
