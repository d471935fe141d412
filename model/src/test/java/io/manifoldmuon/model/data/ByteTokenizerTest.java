package io.manifoldmuon.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ByteTokenizerTest {
  private final Tokenizer tokenizer = Tokenizers.named("bytes");

  @Test
  void isOneTokenForEachByte() {
    assertThat(tokenizer.name()).isEqualTo("bytes");
    assertThat(tokenizer.vocabSize()).isEqualTo(256);
    assertThat(tokenizer.endOfText()).isEmpty();
    assertThat(tokenizer.encode("Aé")).containsExactly(0x41, 0xC3, 0xA9);
  }

  @Test
  void reproducesEveryByteSequence() {
    var bytes = new byte[256];
    for (int i = 0; i < 256; i++) {
      bytes[i] = (byte) (255 - i);
    }
    assertThat(tokenizer.decodeBytes(tokenizer.encode(bytes))).isEqualTo(bytes);
  }

  @Test
  void encodesAStreamLikeTheWhole() throws IOException {
    byte[] text = TestTexts.random(3, 100_000).getBytes(StandardCharsets.UTF_8);
    var builder = new TokenBuilder("text", 256);
    tokenizer.encode(new ByteArrayInputStream(text), builder);
    assertThat(TestTexts.all(builder.build())).isEqualTo(tokenizer.encode(text));
  }

  @Test
  void decodesBrokenUtf8WithReplacement() {
    assertThat(tokenizer.decode(new int[] {'a', 0xC3, 'b'})).isEqualTo("a\uFFFDb");
  }

  @Test
  void rejectsIdsThatAreNoBytes() {
    assertThatThrownBy(() -> tokenizer.decode(new int[] {256}))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("256");
    assertThatThrownBy(() -> tokenizer.decode(new int[] {-1})).isInstanceOf(DataException.class);
  }

  @Test
  void unknownNamesAreRejectedWithTheChoices() {
    assertThatThrownBy(() -> Tokenizers.named("word"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("\"word\"")
        .hasMessageContaining("bytes or gpt2");
    assertThatThrownBy(() -> Tokenizers.named(null)).isInstanceOf(DataException.class);
  }
}
