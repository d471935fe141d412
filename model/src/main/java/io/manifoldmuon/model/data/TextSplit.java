package io.manifoldmuon.model.data;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Training and validation text.
 *
 * <p>Of 20 documents or more, which {@link Selection} has put in sampled order, whole documents
 * from the end are kept for validation: each that still fits into the fraction of the bytes, at
 * least one. Fewer are one text of n bytes, of which the first ⌊(1 − fraction)·n⌋ bytes are for
 * training (moved back to the start of a UTF-8 character where the tokenizer reads characters).
 */
record TextSplit(List<TextSlice> train, List<TextSlice> validation) {
  static TextSplit of(List<TextSlice> texts, double valFraction, boolean characters) {
    long total = texts.stream().mapToLong(TextSlice::size).sum();
    long kept = trainSize(total, valFraction);
    return texts.size() >= Selection.SAMPLED
        ? byDocument(texts, total - kept)
        : byPosition(texts, kept, characters);
  }

  /** ⌊(1 − fraction)·total⌋, in exact decimal arithmetic. */
  static long trainSize(long total, double valFraction) {
    return BigDecimal.ONE
        .subtract(BigDecimal.valueOf(valFraction))
        .multiply(BigDecimal.valueOf(total))
        .setScale(0, RoundingMode.FLOOR)
        .longValueExact();
  }

  private static TextSplit byDocument(List<TextSlice> texts, long validationBytes) {
    var train = new ArrayList<TextSlice>();
    var validation = new ArrayList<TextSlice>();
    long left = validationBytes;
    for (TextSlice text : texts.reversed()) {
      if (text.size() <= left) {
        validation.add(text);
        left -= text.size();
      } else {
        train.add(text);
      }
    }
    Collections.reverse(train);
    if (validation.isEmpty()) {
      validation.add(train.removeLast());
    }
    return new TextSplit(List.copyOf(train), List.copyOf(validation));
  }

  private static TextSplit byPosition(List<TextSlice> texts, long kept, boolean characters) {
    var train = new ArrayList<TextSlice>();
    var validation = new ArrayList<TextSlice>();
    long start = 0;
    for (TextSlice text : texts) {
      long cut = Math.clamp(kept - start, 0, text.size());
      if (characters) {
        cut = characterStart(text.document(), text.from() + cut) - text.from();
      }
      if (cut > 0) {
        train.add(text.prefix(cut));
      }
      if (cut < text.size()) {
        validation.add(new TextSlice(text.document(), text.from() + cut, text.to()));
      }
      start += text.size();
    }
    return new TextSplit(List.copyOf(train), List.copyOf(validation));
  }

  private static long characterStart(Document document, long position) {
    try {
      return TextSlice.characterStart(document, position);
    } catch (IOException e) {
      throw DataException.of("read", document.place(), e);
    }
  }
}
