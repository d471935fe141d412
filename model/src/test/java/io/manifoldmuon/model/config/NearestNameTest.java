package io.manifoldmuon.model.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {
  private static final List<String> KEYS =
      List.of("d_model", "n_layers", "n_heads", "n_experts", "top_k", "d_ff", "context");

  @ParameterizedTest
  @CsvSource({
    "d_modle, d_model",
    "dmodel, d_model",
    "D_MODEL, d_model",
    "n-layers, n_layers",
    "layers, n_layers",
    "nheads, n_heads",
    "topk, top_k",
    "contxt, context",
  })
  void findsWhatWasMeant(String given, String meant) {
    assertThat(NearestName.of(given, KEYS)).contains(meant);
  }

  @ParameterizedTest
  @CsvSource({"learning_rate", "x", "''", "vocabulary"})
  void suggestsNothingFarAway(String given) {
    assertThat(NearestName.of(given, KEYS)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', 0",
    "abc, '', 3",
    "'', abc, 3",
    "abc, abc, 0",
    "abc, abd, 1",
    "abc, acb, 1",
    "abc, ab, 1",
    "ca, abc, 3",
    "kitten, sitting, 3",
  })
  void distanceCountsEdits(String a, String b, int want) {
    assertThat(NearestName.distance(a, b)).isEqualTo(want);
    assertThat(NearestName.distance(b, a)).as("symmetric").isEqualTo(want);
  }

  @Test
  void theFirstOfEquallyNearNamesWins() {
    assertThat(NearestName.of("bata", List.of("beta", "data"))).contains("beta");
  }
}
