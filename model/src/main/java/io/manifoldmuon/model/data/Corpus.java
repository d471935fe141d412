package io.manifoldmuon.model.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipFile;

/**
 * The documents that a path offers, before any is read.
 *
 * @param name what the user asked for, in words
 * @param tiers documents by priority: a size limit takes the first tiers first
 * @param knownText whether the documents need no check for binary content
 * @param defaultLimit the most bytes taken where the user names no limit; 0 is all
 * @param language the synthetic language that the text is of, if it is
 * @param archives the open archives that the documents are in
 */
record Corpus(
    String name,
    List<List<Document>> tiers,
    boolean knownText,
    long defaultLimit,
    Optional<SyntheticLanguage> language,
    List<ZipFile> archives)
    implements AutoCloseable {
  private static final String SOURCES = "lib/src.zip";
  private static final long JDK_LIMIT = 16L << 20;
  private static final int SYNTHETIC_LENGTH = 4 << 20;
  private static final int SYNTHETIC_LONGEST = 64 << 20;
  private static final long SYNTHETIC_SEED = 1;

  /** Files and archive entries, to be checked for text. */
  static Corpus ofDocuments(String name, List<Document> documents, List<ZipFile> archives) {
    return new Corpus(name, List.of(documents), false, 0, Optional.empty(), archives);
  }

  /**
   * The Java sources that a JDK ships: packages java.* and javax.* of java.base first, the tables
   * of jdk.localedata last; empty where the JDK ships none.
   */
  static Optional<Corpus> ofJdk(Path javaHome) {
    Path file = javaHome.resolve(SOURCES);
    if (!Files.isReadable(file)) {
      return Optional.empty();
    }
    ZipFile archive = Archives.open(file);
    List<Document> sources =
        Archives.documents(archive).stream().filter(d -> d.name().endsWith(".java")).toList();
    var tiers =
        List.of(
            sources.stream().filter(d -> jdkTier(d.name()) == 0).toList(),
            sources.stream().filter(d -> jdkTier(d.name()) == 1).toList(),
            sources.stream().filter(d -> jdkTier(d.name()) == 2).toList());
    String name = "Java sources of " + file;
    return Optional.of(
        new Corpus(name, tiers, true, JDK_LIMIT, Optional.empty(), List.of(archive)));
  }

  private static int jdkTier(String name) {
    if (name.startsWith("java.base/java/") || name.startsWith("java.base/javax/")) {
      return 0;
    }
    return name.startsWith("jdk.localedata/") ? 2 : 1;
  }

  /**
   * A text of the synthetic language, of {@code limit} bytes but at most 64 MiB; of 4 MiB where
   * that is 0.
   */
  static Corpus ofSynthetic(long limit) {
    int length = limit == 0 ? SYNTHETIC_LENGTH : (int) Math.min(limit, SYNTHETIC_LONGEST);
    var language = new SyntheticLanguage(SYNTHETIC_SEED);
    String name =
        Sentence.of(
            "synthetic language (seed %d, entropy rate %.4f nats a byte)",
            SYNTHETIC_SEED, language.entropyNatsPerToken());
    var document = new Document.OfBytes("synthetic", language.generate(length));
    return new Corpus(name, List.of(List.of(document)), true, 0, Optional.of(language), List.of());
  }

  /** The number of documents offered. */
  int size() {
    return tiers.stream().mapToInt(List::size).sum();
  }

  @Override
  public void close() {
    for (ZipFile archive : archives) {
      try {
        archive.close();
      } catch (IOException e) {
        throw DataException.of("close", archive.getName(), e);
      }
    }
  }
}
