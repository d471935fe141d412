package io.manifoldmuon.model.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextStreamTest {
  @ParameterizedTest
  @ValueSource(strings = {"bytes", "gpt2"})
  void piecesConcatenateToTheDecodedText(String name) {
    Tokenizer tokenizer = Tokenizers.named(name);
    String text = TestTexts.random(5, 2000);
    int[] tokens = tokenizer.encode(text);
    TextStream stream = tokenizer.textStream();
    var joined = new StringBuilder();
    for (int token : tokens) {
      String piece = stream.accept(token);
      assertThat(piece).doesNotContain("\uFFFD");
      joined.append(piece);
    }
    joined.append(stream.finish());
    assertThat(joined.toString()).isEqualTo(text);
  }

  @Test
  void holdsBackAnUnfinishedCharacter() {
    TextStream stream = Tokenizers.named("bytes").textStream();
    assertThat(stream.accept(0xF0)).isEmpty();
    assertThat(stream.accept(0x9F)).isEmpty();
    assertThat(stream.accept(0x98)).isEmpty();
    assertThat(stream.accept(0x80)).isEqualTo("😀");
    assertThat(stream.accept(0xC3)).isEmpty();
    assertThat(stream.finish()).isEqualTo("\uFFFD");
    assertThat(stream.accept('x')).isEqualTo("x");
  }

  @Test
  void brokenBytesBecomeReplacementsAtOnce() {
    TextStream stream = Tokenizers.named("bytes").textStream();
    assertThat(stream.accept(0xC3)).isEmpty();
    assertThat(stream.accept('a')).isEqualTo("\uFFFDa");
    assertThat(stream.accept(0xFF)).isEqualTo("\uFFFD");
  }
}
