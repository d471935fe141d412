package io.manifoldmuon.model.data;

import java.nio.file.Path;
import java.util.function.Consumer;

/** Finds the text of a {@code data.path}, and says what was chosen and what was left out. */
final class TextSource {
  private TextSource() {}

  /** What {@code path} leads to: {@code jdk}, {@code synthetic}, null for either, or files. */
  static Source resolve(String path, long maxBytes, Consumer<String> notices) {
    return resolve(path, maxBytes, notices, Path.of(System.getProperty("java.home")));
  }

  static Source resolve(String path, long maxBytes, Consumer<String> notices, Path javaHome) {
    return switch (path) {
      case null -> new Source.Text(defaultCorpus(maxBytes, notices, javaHome));
      case "jdk" ->
          new Source.Text(
              Corpus.ofJdk(javaHome)
                  .orElseThrow(
                      () ->
                          new DataException(
                              Sentence.of(
                                  "data: the JDK in %s ships no lib/src.zip; set data.path to a text, "
                                      + "or to synthetic",
                                  javaHome))));
      case "synthetic" -> new Source.Text(Corpus.ofSynthetic(maxBytes));
      default -> Source.of(path);
    };
  }

  private static Corpus defaultCorpus(long maxBytes, Consumer<String> notices, Path javaHome) {
    return Corpus.ofJdk(javaHome)
        .orElseGet(
            () -> {
              Corpus synthetic = Corpus.ofSynthetic(maxBytes);
              notices.accept(
                  Sentence.of(
                      "data: the JDK in %s ships no lib/src.zip to train on; using the %s "
                          + "instead, give --data FILE for real text",
                      javaHome, synthetic.name()));
              return synthetic;
            });
  }

  /** Chooses the documents of a corpus and reports those that are skipped. */
  static Selection select(
      Corpus corpus, long maxBytes, Tokenizer tokenizer, Consumer<String> notices) {
    Selection selection = Selection.of(corpus, maxBytes, readsCharacters(tokenizer));
    if (selection.binary() > 0) {
      notices.accept(
          Sentence.of(
              "data: skipped %,d binary file%s of %s",
              selection.binary(), selection.binary() == 1 ? "" : "s", corpus.name()));
    }
    return selection;
  }

  /** "NAME (12 of 34 files, 5,678 bytes)". */
  static String describe(Corpus corpus, Selection selection) {
    String files =
        corpus.size() == 1
            ? ""
            : Sentence.of("%,d of %,d files, ", selection.texts().size(), corpus.size());
    return Sentence.of("%s (%s%,d bytes)", corpus.name(), files, selection.bytes());
  }

  /** Whether text must be cut between characters, not within. */
  static boolean readsCharacters(Tokenizer tokenizer) {
    return switch (tokenizer) {
      case ByteTokenizer _ -> false;
      case Gpt2Tokenizer _ -> true;
    };
  }
}
