package io.manifoldmuon.model.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * One token a byte: id = unsigned byte value, V = 256; every byte sequence is reproduced exactly.
 */
public final class ByteTokenizer implements Tokenizer {
  static final int VOCABULARY = 256;
  private static final int BLOCK = 1 << 16;

  @Override
  public String name() {
    return "bytes";
  }

  @Override
  public int vocabSize() {
    return VOCABULARY;
  }

  @Override
  public int tokens() {
    return vocabSize();
  }

  @Override
  public OptionalInt endOfText() {
    return OptionalInt.empty();
  }

  @Override
  public int[] encode(byte[] utf8) {
    var tokens = new int[utf8.length];
    widen(utf8, tokens, utf8.length);
    return tokens;
  }

  @Override
  public int[] encode(String text) {
    return encode(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void encode(InputStream utf8, TokenSink sink) throws IOException {
    var bytes = new byte[BLOCK];
    var tokens = new int[BLOCK];
    for (int n = utf8.read(bytes); n >= 0; n = utf8.read(bytes)) {
      widen(bytes, tokens, n);
      sink.accept(tokens, 0, n);
    }
  }

  @Override
  public byte[] decodeBytes(int[] tokens) {
    var bytes = new byte[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0 || tokens[i] >= VOCABULARY) {
        throw new DataException(
            "decode: token id " + tokens[i] + " is not a byte; wanted 0 to 255");
      }
      bytes[i] = (byte) tokens[i];
    }
    return bytes;
  }

  private static void widen(byte[] bytes, int[] tokens, int count) {
    for (int i = 0; i < count; i++) {
      tokens[i] = bytes[i] & 0xFF;
    }
  }
}
