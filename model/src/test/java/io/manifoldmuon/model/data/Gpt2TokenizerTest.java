package io.manifoldmuon.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Gpt2TokenizerTest {
  private static final Gpt2Tokenizer TOKENIZER = new Gpt2Tokenizer();

  @Test
  void knowsItsSizes() {
    assertThat(Tokenizers.named("gpt2")).isInstanceOf(Gpt2Tokenizer.class);
    assertThat(TOKENIZER.vocabSize()).isEqualTo(50_304);
    assertThat(TOKENIZER.endOfText()).hasValue(50_256);
  }

  /** The first tokens of tinyshakespeare, as in llm.c's and nanoGPT's files. */
  @Test
  void encodesLikeGpt2() {
    assertThat(TOKENIZER.encode("Hello world")).containsExactly(15_496, 995);
    assertThat(TOKENIZER.encode("First Citizen:\nBefore we proceed any further, hear me speak."))
        .containsExactly(
            5962, 22_307, 25, 198, 8421, 356, 5120, 597, 2252, 11, 3285, 502, 2740, 13);
  }

  @Test
  void aSpecialTokenInTheTextIsOrdinaryText() {
    int[] tokens = TOKENIZER.encode("a<|endoftext|>b");
    assertThat(tokens).doesNotContain(50_256);
    assertThat(TOKENIZER.decode(tokens)).isEqualTo("a<|endoftext|>b");
    assertThat(TOKENIZER.decode(new int[] {50_256})).isEqualTo("<|endoftext|>");
  }

  @Test
  void paddingDecodesToTheReplacementCharacterAndOthersAreRejected() {
    assertThat(TOKENIZER.decode(new int[] {50_257, 15_496, 50_303})).isEqualTo("\uFFFDHello\uFFFD");
    assertThatThrownBy(() -> TOKENIZER.decode(new int[] {50_304}))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("50304");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void aStreamEncodesLikeTheWholeText(long seed) throws IOException {
    String text = TestTexts.random(seed, 3000);
    for (int block : new int[] {1, 2, 3, 7, 64, 1000}) {
      assertThat(stream(TOKENIZER.withBlock(block, 1 << 20), text))
          .as("seed %d, block %d", seed, block)
          .isEqualTo(TOKENIZER.encodeWhole(text));
    }
  }

  @Test
  void realSourceEncodesLikeTheWholeTextAndComesBack() throws IOException {
    String text = TestTexts.jdkSource("java.base/java/lang/Character.java");
    int[] tokens = stream(TOKENIZER.withBlock(4096, 1 << 20), text);
    assertThat(tokens).isEqualTo(TOKENIZER.encodeWhole(text));
    assertThat(TOKENIZER.decode(tokens)).isEqualTo(text);
  }

  /** Every place that counts as safe is tried alone, as the only cut. */
  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23})
  void everySafeCutKeepsTheEncoding(long seed) {
    String text = TestTexts.random(seed, 300);
    int[] whole = TOKENIZER.encodeWhole(text);
    int cuts = 0;
    for (int end = text.length(); end > 1; ) {
      int cut = Gpt2Boundaries.lastCut(text.substring(0, end), 0);
      if (cut == 0) {
        break;
      }
      int[] left = TOKENIZER.encodeWhole(text.substring(0, cut));
      int[] right = TOKENIZER.encodeWhole(text.substring(cut));
      int[] both = Arrays.copyOf(left, left.length + right.length);
      System.arraycopy(right, 0, both, left.length, right.length);
      assertThat(both).as("seed %d, cut at %d", seed, cut).isEqualTo(whole);
      cuts++;
      end = cut;
    }
    assertThat(cuts).isGreaterThan(50);
  }

  @Test
  void aRunWithoutASafeCutStaysBoundedAndReversible() throws IOException {
    var longest = new AtomicInteger();
    String text = "漢".repeat(5000);
    var builder = new TokenBuilder("run", 1 << 16);
    TOKENIZER
        .withBlock(64, 1000)
        .encode(
            new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
            (tokens, offset, count) -> {
              longest.accumulateAndGet(count, Math::max);
              builder.accept(tokens, offset, count);
            });
    assertThat(longest.get()).isBetween(1, 3 * 1100);
    assertThat(TOKENIZER.decode(TestTexts.all(builder.build()))).isEqualTo(text);
  }

  @Test
  void aLongTextIsEncodedInSmallPieces() throws IOException {
    var longest = new AtomicInteger();
    byte[] text = "lorem ipsum 12, ".repeat(100_000).getBytes(StandardCharsets.UTF_8);
    TOKENIZER.encode(
        new ByteArrayInputStream(text),
        (tokens, offset, count) -> longest.accumulateAndGet(count, Math::max));
    assertThat(longest.get()).isBetween(1, 1 << 16);
  }

  @Test
  void brokenUtf8BecomesReplacementCharacters() {
    int[] tokens = TOKENIZER.encode(new byte[] {'a', (byte) 0xFF, 'b'});
    assertThat(TOKENIZER.decode(tokens)).isEqualTo("a\uFFFDb");
  }

  @Test
  void emptyTextHasNoTokens() {
    assertThat(TOKENIZER.encode("")).isEmpty();
    assertThat(TOKENIZER.decode(new int[0])).isEmpty();
  }

  private static int[] stream(Gpt2Tokenizer tokenizer, String text) throws IOException {
    var builder = new TokenBuilder("text", 1 << 16);
    tokenizer.encode(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), builder);
    return TestTexts.all(builder.build());
  }
}
