package io.manifoldmuon.model.data;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/** A reversible map from text to token ids 0 … {@link #vocabSize()} − 1; see {@link Tokenizers}. */
public sealed interface Tokenizer permits ByteTokenizer, Gpt2Tokenizer {
  /** The name in the configuration. */
  String name();

  /** The vocabulary of the model, V: the number of ids, rounded up to a convenient size. */
  int vocabSize();

  /** The number of ids that text can give, at most V. */
  int tokens();

  /** The token that starts every document, where the tokenizer has one. */
  OptionalInt endOfText();

  /**
   * Encodes a stream of UTF-8 text as ordinary text, in bounded memory.
   *
   * <p>A special token's spelling in the text is encoded like any other text.
   */
  void encode(InputStream utf8, TokenSink sink) throws IOException;

  /** The bytes that {@code tokens} stand for, concatenated. */
  byte[] decodeBytes(int[] tokens);

  /** Encodes UTF-8 text that is held in memory. */
  default int[] encode(byte[] utf8) {
    var collected = new Collector();
    try {
      encode(new ByteArrayInputStream(utf8), collected);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return collected.toArray();
  }

  /** Encodes text that is held in memory. */
  default int[] encode(String text) {
    return encode(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The text of {@code tokens}; bytes that are not UTF-8 become U+FFFD. */
  default String decode(int[] tokens) {
    return new String(decodeBytes(tokens), StandardCharsets.UTF_8);
  }

  /** A decoder for tokens that arrive one by one. */
  default TextStream textStream() {
    return new TextStream(this);
  }

  /** A growing array of tokens. */
  final class Collector implements TokenSink {
    private int[] tokens = new int[256];
    private int size;

    private Collector() {}

    @Override
    public void accept(int[] source, int offset, int count) {
      if (tokens.length - size < count) {
        tokens = Arrays.copyOf(tokens, Math.max(Math.addExact(size, count), 2 * tokens.length));
      }
      System.arraycopy(source, offset, tokens, size, count);
      size += count;
    }

    private int[] toArray() {
      return Arrays.copyOf(tokens, size);
    }
  }
}
