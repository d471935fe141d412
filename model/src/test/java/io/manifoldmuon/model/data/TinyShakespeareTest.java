package io.manifoldmuon.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.manifoldmuon.model.config.DataConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The sizes that nanoGPT prints for tinyshakespeare; needs the text, named by muon.test.data. */
class TinyShakespeareTest {
  private static Path text;

  @BeforeAll
  static void find() {
    text =
        Stream.of(System.getProperty("muon.test.data", "../shared/data"), "../../shared/data")
            .map(folder -> Path.of(folder, "tinyshakespeare.txt"))
            .filter(Files::isReadable)
            .findFirst()
            .orElse(null);
    assumeTrue(text != null, "no tinyshakespeare.txt: set -Dmuon.test.data to its folder");
  }

  /** data/shakespeare_char/prepare.py: train has 1,003,854 tokens, val has 111,540 tokens. */
  @Test
  void bytesAreSplitAsNanoGptSplits() throws IOException {
    byte[] raw = Files.readAllBytes(text);
    try (var data = Dataset.open(new DataConfig(text.toString(), "bytes", 0.1, 0), 64, s -> {})) {
      assertThat(data.train().size()).isEqualTo(1_003_854);
      assertThat(data.validation().size()).isEqualTo(111_540);
      assertThat(data.tokenizer().decodeBytes(TestTexts.all(data.validation())))
          .isEqualTo(Arrays.copyOfRange(raw, 1_003_854, raw.length));
    }
  }

  /**
   * data/shakespeare/prepare.py: train has 301,966 tokens, val has 36,059 tokens; ours starts with
   * one end-of-text token more.
   */
  @Test
  void gpt2TokensAreAsManyAsNanoGptHas() {
    try (var data = Dataset.open(new DataConfig(text.toString(), "gpt2", 0.1, 0), 64, s -> {})) {
      assertThat(data.train().size()).isEqualTo(1 + 301_966);
      assertThat(data.train().get(0)).isEqualTo(50_256);
      assertThat(data.validation().size()).isEqualTo(36_059);
    }
  }
}
