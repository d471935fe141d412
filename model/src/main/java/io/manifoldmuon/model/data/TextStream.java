package io.manifoldmuon.model.data;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Decodes tokens one by one, holding back the bytes of an unfinished character.
 *
 * <p>The strings returned, concatenated, are {@link Tokenizer#decode} of all tokens.
 */
public final class TextStream {
  private final Tokenizer tokenizer;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private byte[] held = new byte[0];

  TextStream(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** Adds a token and returns the text that is complete with it, possibly empty. */
  public String accept(int token) {
    return decode(tokenizer.decodeBytes(new int[] {token}), false);
  }

  /** Returns what was held back, and makes the stream ready for another text. */
  public String finish() {
    String rest = decode(new byte[0], true);
    decoder.reset();
    held = new byte[0];
    return rest;
  }

  private String decode(byte[] added, boolean end) {
    ByteBuffer in = ByteBuffer.allocate(held.length + added.length).put(held).put(added).flip();
    CharBuffer out = CharBuffer.allocate(in.remaining() + 2);
    decoder.decode(in, out, end);
    if (end) {
      decoder.flush(out);
    }
    held = new byte[in.remaining()];
    in.get(held);
    return out.flip().toString();
  }
}
