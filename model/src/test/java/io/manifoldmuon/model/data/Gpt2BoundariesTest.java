package io.manifoldmuon.model.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Gpt2BoundariesTest {
  /** The pattern of r50k_base. */
  private static final Pattern PIECES =
      Pattern.compile(
          "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  private static List<String> pieces(String text) {
    return PIECES.matcher(text).results().map(MatchResult::group).toList();
  }

  /** Both sides of every safe cut fall into the pieces of the whole text. */
  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33, 34, 35, 36, 37, 38})
  void everySafeCutKeepsThePieces(long seed) {
    String text = TestTexts.random(seed, 500);
    List<String> whole = pieces(text);
    int cuts = 0;
    for (int cut = Gpt2Boundaries.lastCut(text, 1); cut > 0; ) {
      String left = text.substring(0, cut);
      assertThat(Stream.concat(pieces(left).stream(), pieces(text.substring(cut)).stream()))
          .as("seed %d, cut at %d", seed, cut)
          .containsExactlyElementsOf(whole);
      cuts++;
      cut = Gpt2Boundaries.lastCut(left, 1);
    }
    assertThat(cuts).isGreaterThan(100);
  }

  @Test
  void aHalfReadCharacterIsNoPlaceToCut() {
    assertThat(Gpt2Boundaries.lastCut("ab\uD840", 1)).isZero();
    assertThat(Gpt2Boundaries.lastCut("ab𠀀", 1)).isZero();
    assertThat(Gpt2Boundaries.lastCut("ab😀", 1)).isEqualTo(2);
  }

  @Test
  void cutsAreLookedForFromAnIndexOn() {
    assertThat(Gpt2Boundaries.lastCut("one two", 0)).isEqualTo(3);
    assertThat(Gpt2Boundaries.lastCut("one two", 3)).isEqualTo(3);
    assertThat(Gpt2Boundaries.lastCut("one two", 4)).isZero();
    assertThat(Gpt2Boundaries.lastCut("", 0)).isZero();
  }
}
