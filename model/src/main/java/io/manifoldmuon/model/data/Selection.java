package io.manifoldmuon.model.data;

import io.manifoldmuon.linalg.CounterRandom;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The documents of a corpus that are used, and their order.
 *
 * <p>A corpus of 20 documents or more is taken in the order of a hash of the names, so that a limit
 * on the bytes and a split are samples that do not depend on machine or seed; a smaller one in the
 * order of the names. A limit takes documents while they fit; where not even one fits, the start of
 * the first.
 *
 * @param texts what is used, in order
 * @param binary the number of documents skipped because they have a zero byte near the start
 * @param empty the number of documents skipped because they are empty
 */
record Selection(List<TextSlice> texts, int binary, int empty) {
  /** From this number of documents on, the split is by document. */
  static final int SAMPLED = 20;

  /** The most that archives may inflate to. */
  static final long ARCHIVE_LIMIT = 4L << 30;

  private static final int PROBE = 8192;

  /**
   * Chooses documents.
   *
   * @param maxBytes the limit of the user, 0 for none
   * @param characters whether a cut must be between UTF-8 characters
   */
  static Selection of(Corpus corpus, long maxBytes, boolean characters) {
    long limit = maxBytes > 0 ? maxBytes : corpus.defaultLimit();
    var chooser = new Chooser(corpus, limit == 0 ? Long.MAX_VALUE : limit);
    for (List<Document> tier : corpus.tiers()) {
      inOrder(tier, corpus.size()).forEach(chooser::offer);
    }
    return chooser.selection(characters);
  }

  /** The number of bytes of text. */
  long bytes() {
    return texts.stream().mapToLong(TextSlice::size).sum();
  }

  private static List<Document> inOrder(List<Document> tier, int corpusSize) {
    if (corpusSize < SAMPLED) {
      return tier;
    }
    record Ranked(long rank, Document document) {}
    return tier.stream()
        .map(d -> new Ranked(CounterRandom.stream(d.name()), d))
        .sorted(Comparator.comparingLong(Ranked::rank).thenComparing(r -> r.document().name()))
        .map(Ranked::document)
        .toList();
  }

  private static final class Chooser {
    private final Corpus corpus;
    private final long limit;
    private final List<TextSlice> texts = new ArrayList<>();
    private Document tooLarge;
    private long bytes;
    private int binary;
    private int empty;

    private Chooser(Corpus corpus, long limit) {
      this.corpus = corpus;
      this.limit = limit;
    }

    private void offer(Document document) {
      if (document.size() == 0) {
        empty++;
      } else if (document.size() > limit - bytes && tooLarge != null) {
        return;
      } else if (!corpus.knownText() && isBinary(document)) {
        binary++;
      } else if (document.size() > limit - bytes) {
        tooLarge = document;
      } else {
        texts.add(TextSlice.whole(document));
        bytes += document.size();
      }
    }

    private Selection selection(boolean characters) {
      if (texts.isEmpty() && tooLarge != null) {
        long cut = characters ? characterStart(tooLarge, limit) : limit;
        texts.add(TextSlice.whole(tooLarge).prefix(cut));
      }
      if (texts.isEmpty()) {
        throw new DataException(noText());
      }
      var selection = new Selection(List.copyOf(texts), binary, empty);
      if (!corpus.archives().isEmpty() && selection.bytes() > ARCHIVE_LIMIT) {
        throw new DataException(
            Sentence.of(
                "data: %s inflates to %,d bytes, more than the limit of %,d; unpack "
                    + "it, or set data.max_bytes",
                corpus.name(), selection.bytes(), ARCHIVE_LIMIT));
      }
      return selection;
    }

    private String noText() {
      if (corpus.size() == 1) {
        String what = empty == 1 ? "is empty" : "is not text (it has zero bytes near its start)";
        return Sentence.of(
            "data: %s %s; give text in UTF-8, a zip, or .bin token shards", corpus.name(), what);
      }
      return Sentence.of(
          "data: %s has no text: %,d files, of them %,d binary and %,d empty; "
              + "give text in UTF-8",
          corpus.name(), corpus.size(), binary, empty);
    }
  }

  private static boolean isBinary(Document document) {
    try (InputStream in = document.open()) {
      for (byte b : in.readNBytes(PROBE)) {
        if (b == 0) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw DataException.of("read", document.place(), e);
    }
  }

  private static long characterStart(Document document, long position) {
    try {
      return TextSlice.characterStart(document, position);
    } catch (IOException e) {
      throw DataException.of("read", document.place(), e);
    }
  }
}
