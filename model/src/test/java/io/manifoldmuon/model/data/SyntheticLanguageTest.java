package io.manifoldmuon.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SyntheticLanguageTest {
  private static final byte[] ALPHABET =
      "abcdefghijklmnopqrstuvwxyz ".getBytes(StandardCharsets.US_ASCII);

  /**
   * The cross-entropy of a text under the true model has the entropy rate as its mean. Blocks of
   * 1000 symbols are nearly independent, so their spread gives the standard error.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void empiricalCrossEntropyIsTheStatedRate(long seed) {
    var language = new SyntheticLanguage(seed);
    int blocks = 1000;
    int length = 1000;
    byte[] text = language.generate(blocks * length + 2);
    var means = new double[blocks];
    for (int i = 2; i < text.length; i++) {
      double p = language.probability(text[i - 2], text[i - 1], text[i]);
      means[(i - 2) / length] -= Math.log(p) / length;
    }
    double mean = Arrays.stream(means).average().orElseThrow();
    double variance = Arrays.stream(means).map(m -> (m - mean) * (m - mean)).sum() / (blocks - 1);
    double standardError = Math.sqrt(variance / blocks);
    assertThat(standardError).as("seed %d", seed).isBetween(1e-5, 0.01);
    assertThat(mean)
        .as("seed %d, standard error %g", seed, standardError)
        .isCloseTo(language.entropyNatsPerToken(), within(4.5 * standardError));
  }

  /** A model that knows one symbol of context pays h₁ when it knows the true pair frequencies. */
  @Test
  void theFloorOfShortWindowsIsTheConditionalEntropyOfPairs() {
    var language = new SyntheticLanguage(7);
    byte[] text = language.generate(2_000_000);
    var pairs = new double[256][256];
    var firsts = new double[256];
    for (int i = 1; i < text.length; i++) {
      pairs[text[i - 1]][text[i]]++;
      firsts[text[i - 1]]++;
    }
    double entropy = 0;
    for (byte a : ALPHABET) {
      for (byte b : ALPHABET) {
        entropy -= pairs[a][b] / (text.length - 1) * Math.log(pairs[a][b] / firsts[a]);
      }
    }
    assertThat(language.floorNatsPerToken(1)).isCloseTo(entropy, within(0.005));
    double h = language.entropyNatsPerToken();
    assertThat(language.floorNatsPerToken(1)).isGreaterThan(h + 0.2);
    assertThat(language.floorNatsPerToken(2))
        .isCloseTo((language.floorNatsPerToken(1) + h) / 2, within(1e-12));
    assertThat(language.floorNatsPerToken(1_000_000)).isCloseTo(h, within(1e-5));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, -5, Long.MAX_VALUE})
  void probabilitiesAndTheStationaryDistributionAreExact(long seed) {
    var language = new SyntheticLanguage(seed);
    double[] stationary = language.stationary();
    assertThat(Arrays.stream(stationary).sum()).isCloseTo(1, within(1e-12));
    var advanced = new double[stationary.length];
    for (int a = 0; a < 27; a++) {
      for (int b = 0; b < 27; b++) {
        double sum = 0;
        for (int c = 0; c < 27; c++) {
          double p = language.probability(ALPHABET[a], ALPHABET[b], ALPHABET[c]);
          assertThat(p).isGreaterThan(0);
          sum += p;
          advanced[27 * b + c] += stationary[27 * a + b] * p;
        }
        assertThat(sum).isCloseTo(1, within(1e-12));
      }
    }
    assertThat(advanced).containsExactly(stationary, within(1e-13));
  }

  @Test
  void theTextIsAFunctionOfTheSeedAndItsStartDoesNotDependOnItsLength() {
    byte[] text = new SyntheticLanguage(4).generate(10_000);
    assertThat(new SyntheticLanguage(4).generate(20_000)).startsWith(text);
    assertThat(new SyntheticLanguage(5).generate(10_000)).isNotEqualTo(text);
    assertThat(new String(text, StandardCharsets.US_ASCII)).matches("[a-z ]+");
  }

  @Test
  void theLanguageIsNeitherNoiseNorTrivial() {
    double h = new SyntheticLanguage(1).entropyNatsPerToken();
    assertThat(h).isBetween(1.0, 0.8 * Math.log(27));
  }
}
