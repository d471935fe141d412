package io.manifoldmuon.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {
  @ParameterizedTest
  @EnumSource(SegmentTokens.Width.class)
  void everyWidthKeepsItsLargestIds(SegmentTokens.Width width) {
    long largest = (1L << (8 * width.bytes())) - 1;
    int[] ids = {0, 1, 127, 128, 255, (int) largest, (int) (largest - 1), 77};
    MemorySegment bytes = MemorySegment.ofArray(new byte[ids.length * width.bytes()]);
    SegmentTokens.put(bytes, width, 0, ids, 0, ids.length);
    Tokens tokens = new SegmentTokens("ids", bytes, width);
    assertThat(TestTexts.all(tokens)).isEqualTo(ids);
    for (int i = 0; i < ids.length; i++) {
      assertThat(tokens.get(i)).isEqualTo(ids[i]);
    }
  }

  @Test
  void widthFitsTheVocabulary() {
    assertThat(SegmentTokens.Width.of(256)).isEqualTo(SegmentTokens.Width.U8);
    assertThat(SegmentTokens.Width.of(257)).isEqualTo(SegmentTokens.Width.U16);
    assertThat(SegmentTokens.Width.of(65_536)).isEqualTo(SegmentTokens.Width.U16);
    assertThat(SegmentTokens.Width.of(65_537)).isEqualTo(SegmentTokens.Width.U32);
  }

  /** The same ids as one array, as parts of uneven sizes, and as slices read alike everywhere. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void partsAndSlicesReadLikeAnArray(long seed) {
    var random = new Random(seed);
    int[] ids = random.ints(997, 0, 50_304).toArray();
    Tokens whole =
        new ConcatTokens(
            "parts",
            List.of(
                TestTexts.tokens("a", Arrays.copyOfRange(ids, 0, 1)),
                TestTexts.tokens("empty"),
                TestTexts.tokens("b", Arrays.copyOfRange(ids, 1, 500)),
                TestTexts.tokens("c", Arrays.copyOfRange(ids, 500, 503)),
                TestTexts.tokens("d", Arrays.copyOfRange(ids, 503, 997))));
    assertThat(TestTexts.all(whole)).isEqualTo(ids);
    for (int trial = 0; trial < 200; trial++) {
      int from = random.nextInt(998);
      int to = from + random.nextInt(998 - from);
      int[] wanted = Arrays.copyOfRange(ids, from, to);
      assertThat(TestTexts.all(whole.slice(from, to))).as("seed %d", seed).isEqualTo(wanted);
      if (to > from) {
        int at = random.nextInt(to - from);
        assertThat(whole.slice(from, to).get(at)).isEqualTo(wanted[at]);
      }
    }
  }

  @Test
  void theBuilderCrossesItsBlocks() {
    int n = (1 << 20) * 2 + 17;
    var builder = new TokenBuilder("many", 50_304);
    var ids = new int[n];
    Arrays.setAll(ids, i -> i % 50_304);
    for (int at = 0; at < n; at += 100_003) {
      builder.accept(ids, at, Math.min(100_003, n - at));
    }
    Tokens tokens = builder.build();
    assertThat(tokens.size()).isEqualTo(n);
    assertThat(TestTexts.all(tokens)).isEqualTo(ids);
  }

  @Test
  void readingOutsideFails() {
    Tokens tokens = TestTexts.tokens("three", 1, 2, 3);
    Tokens slice = tokens.slice(1, 2);
    var two = new int[2];
    assertThatThrownBy(() -> tokens.get(3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> tokens.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> tokens.copy(2, two, 0, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> slice.get(1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> slice.copy(0, two, 0, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> tokens.slice(2, 4)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
