package io.manifoldmuon.model.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * Encodes documents, one after the other.
 *
 * @param tokenizer how
 * @param startTokens whether a document starts with the end-of-text token, where the tokenizer has
 *     one; the second part of a document that is split does not
 */
record TextEncoder(Tokenizer tokenizer, boolean startTokens) {
  /** Sends the tokens of all texts to the sink. */
  void encode(List<TextSlice> texts, TokenSink sink) {
    for (TextSlice text : texts) {
      try {
        encode(text, sink);
      } catch (IOException e) {
        throw DataException.of("read", text.document().place(), e);
      }
    }
  }

  private void encode(TextSlice text, TokenSink sink) throws IOException {
    if (startTokens && text.from() == 0 && tokenizer.endOfText().isPresent()) {
      sink.accept(new int[] {tokenizer.endOfText().getAsInt()}, 0, 1);
    }
    try (InputStream in = text.open()) {
      tokenizer.encode(in, sink);
    }
  }
}
