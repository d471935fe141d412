package io.manifoldmuon.model.data;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * GPT-2's byte-pair encoding (r50k_base): 50,257 tokens, end-of-text 50256, V padded to 50,304.
 *
 * <p>Ids 50257 … 50303 stand for nothing; a model may sample them, and they decode to U+FFFD. Bytes
 * that are not UTF-8 are encoded as U+FFFD. A stream is encoded piece by piece, cut where {@link
 * Gpt2Boundaries} proves that the result equals the encoding of the whole text; only a run of more
 * than 2²⁰ letters, or of as many spaces, digits or signs, is cut within.
 *
 * <p><b>Source</b> Radford et al., Language Models are Unsupervised Multitask Learners (2019),
 * §2.2.
 */
public final class Gpt2Tokenizer implements Tokenizer {
  static final int TOKENS = 50_257;
  static final int END_OF_TEXT = 50_256;
  static final int PADDED_VOCABULARY = 50_304;

  private static final int DEFAULT_BLOCK = 1 << 16;
  private static final int DEFAULT_LONGEST_RUN = 1 << 20;
  private static final byte[] REPLACEMENT = "\uFFFD".getBytes(StandardCharsets.UTF_8);

  private final Encoding encoding;
  private final int block;
  private final int longestRun;

  public Gpt2Tokenizer() {
    this(
        Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE),
        DEFAULT_BLOCK,
        DEFAULT_LONGEST_RUN);
  }

  private Gpt2Tokenizer(Encoding encoding, int block, int longestRun) {
    this.encoding = encoding;
    this.block = block;
    this.longestRun = longestRun;
  }

  /** The same tokenizer, but it reads streams by {@code block} characters. */
  Gpt2Tokenizer withBlock(int block, int longestRun) {
    return new Gpt2Tokenizer(encoding, block, longestRun);
  }

  @Override
  public String name() {
    return "gpt2";
  }

  @Override
  public int vocabSize() {
    return PADDED_VOCABULARY;
  }

  @Override
  public int tokens() {
    return TOKENS;
  }

  @Override
  public OptionalInt endOfText() {
    return OptionalInt.of(END_OF_TEXT);
  }

  @Override
  public void encode(InputStream utf8, TokenSink sink) throws IOException {
    var reader = new InputStreamReader(utf8, StandardCharsets.UTF_8);
    var characters = new char[block];
    var pending = new StringBuilder(2 * block);
    for (int n = reader.read(characters); n >= 0; n = reader.read(characters)) {
      pending.append(characters, 0, n);
      int cut = Gpt2Boundaries.lastCut(pending, pending.length() - n);
      if (cut == 0 && pending.length() > longestRun) {
        cut = Gpt2Boundaries.lastCodePoint(pending);
      }
      if (cut > 0) {
        emit(pending.substring(0, cut), sink);
        pending.delete(0, cut);
      }
    }
    emit(pending.toString(), sink);
  }

  private void emit(String text, TokenSink sink) throws IOException {
    int[] tokens = encodeWhole(text);
    sink.accept(tokens, 0, tokens.length);
  }

  /** Encodes the text in one call of the byte-pair encoder. */
  int[] encodeWhole(String text) {
    return encoding.encodeOrdinary(text).toArray();
  }

  @Override
  public byte[] decodeBytes(int[] tokens) {
    var bytes = new ByteArrayOutputStream(4 * tokens.length);
    var one = new IntArrayList(1);
    one.add(0);
    for (int token : tokens) {
      if (token < 0 || token >= PADDED_VOCABULARY) {
        throw new DataException(
            Sentence.of(
                "decode: token id %d is outside the gpt2 vocabulary; wanted 0 to %d",
                token, PADDED_VOCABULARY - 1));
      }
      if (token >= TOKENS) {
        bytes.writeBytes(REPLACEMENT);
      } else {
        one.set(0, token);
        bytes.writeBytes(encoding.decodeBytes(one));
      }
    }
    return bytes.toByteArray();
  }
}
