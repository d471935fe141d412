package io.manifoldmuon.model.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextSplitTest {
  private static TextSlice text(String name, String content) {
    return TextSlice.whole(new Document.OfBytes(name, content.getBytes(StandardCharsets.UTF_8)));
  }

  private static String read(List<TextSlice> texts) throws IOException {
    var all = new StringBuilder();
    for (TextSlice text : texts) {
      try (var in = text.open()) {
        all.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return all.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "1115394, 0.1, 1003854",
    "10, 0.1, 9",
    "10, 0.3, 7",
    "1, 0.1, 0",
    "1000, 0.001, 999",
    "100000000000, 0.1, 90000000000"
  })
  void theTrainingPartIsTheFloorOfTheExactProduct(long total, double fraction, long train) {
    assertThat(TextSplit.trainSize(total, fraction)).isEqualTo(train);
  }

  @Test
  void oneTextIsCutAtTheByte() throws IOException {
    var split = TextSplit.of(List.of(text("a", "0123456789abcdefghi")), 0.1, false);
    assertThat(read(split.train())).isEqualTo("0123456789abcdefg");
    assertThat(read(split.validation())).isEqualTo("hi");
  }

  @Test
  void fewTextsAreOneText() throws IOException {
    var texts = List.of(text("a", "0123"), text("b", "4567"), text("c", "89"));
    var split = TextSplit.of(texts, 0.5, false);
    assertThat(read(split.train())).isEqualTo("01234");
    assertThat(read(split.validation())).isEqualTo("56789");
    assertThat(split.train()).hasSize(2);
    assertThat(split.validation()).hasSize(2);
    var atTheBorder = TextSplit.of(texts, 0.6, false);
    assertThat(read(atTheBorder.train())).isEqualTo("0123");
    assertThat(atTheBorder.validation()).hasSize(2);
  }

  @Test
  void aCutForCharactersMovesBackToAStart() throws IOException {
    for (String wide : List.of("é", "漢", "😀")) {
      String content = "x" + wide.repeat(10);
      int n = content.getBytes(StandardCharsets.UTF_8).length;
      for (int percent = 1; percent < 100; percent++) {
        var split = TextSplit.of(List.of(text("a", content)), percent / 100.0, true);
        String train = read(split.train());
        assertThat(train + read(split.validation())).isEqualTo(content);
        long wanted = TextSplit.trainSize(n, percent / 100.0);
        long got = train.getBytes(StandardCharsets.UTF_8).length;
        assertThat(wanted - got).isBetween(0L, 3L);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void manyDocumentsAreSplitWhole(long seed) {
    var random = new Random(seed);
    var texts = new ArrayList<TextSlice>();
    long total = 0;
    for (int i = 0; i < 200; i++) {
      texts.add(text("doc" + i, "x".repeat(1 + random.nextInt(1000))));
      total += texts.get(i).size();
    }
    var split = TextSplit.of(texts, 0.2, true);
    long kept = split.validation().stream().mapToLong(TextSlice::size).sum();
    assertThat(kept).as("seed %d", seed).isBetween((long) (0.18 * total), (long) (0.2 * total) + 1);
    var together = new HashSet<>(split.train());
    together.addAll(split.validation());
    assertThat(together).containsExactlyInAnyOrderElementsOf(texts);
    assertThat(split.train().size() + split.validation().size()).isEqualTo(200);
  }

  @Test
  void oneHugeDocumentDoesNotGoToValidation() {
    var texts = new ArrayList<TextSlice>();
    for (int i = 0; i < 30; i++) {
      texts.add(text("doc" + i, "x".repeat(i == 28 ? 100_000 : 100)));
    }
    var split = TextSplit.of(texts, 0.001, false);
    assertThat(split.validation()).containsExactly(texts.get(29));
  }
}
