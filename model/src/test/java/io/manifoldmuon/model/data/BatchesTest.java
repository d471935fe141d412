package io.manifoldmuon.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchesTest {
  /** The tokens 0, 1, 2, …: a window shows where it starts. */
  private static Tokens counting(int size) {
    var ids = new int[size];
    Arrays.setAll(ids, i -> i);
    return TestTexts.tokens("counting", ids);
  }

  @Test
  void targetsAreTheNextTokens() {
    var batches = new Batches(counting(1000), 1000, 3, 8, 42);
    var inputs = new int[24];
    var targets = new int[24];
    batches.fill(5, 0, inputs, targets);
    for (int i = 0; i < 24; i++) {
      assertThat(targets[i]).isEqualTo(inputs[i] + 1);
      if (i % 8 > 0) {
        assertThat(inputs[i]).isEqualTo(inputs[i - 1] + 1);
      }
    }
  }

  @Test
  void aBatchIsAFunctionOfSeedStepAndMicroBatchOnly() {
    Tokens tokens = counting(60_000);
    int[] first = batch(new Batches(tokens, 65_536, 4, 16, 9), 7, 1);
    var other = new Batches(tokens, 65_536, 4, 16, 9);
    batch(other, 100, 0);
    assertThat(batch(other, 7, 1)).isEqualTo(first);
    assertThat(batch(other, 8, 1)).isNotEqualTo(first);
    assertThat(batch(other, 7, 0)).isNotEqualTo(first);
    assertThat(batch(new Batches(tokens, 65_536, 4, 16, 10), 7, 1)).isNotEqualTo(first);
  }

  @Test
  void microBatchesAreTheRowsOfTheLargeBatch() {
    Tokens tokens = counting(60_000);
    int[] large = batch(new Batches(tokens, 65_536, 6, 16, 1), 3, 0);
    var small = new Batches(tokens, 65_536, 2, 16, 1);
    for (int micro = 0; micro < 3; micro++) {
      assertThat(batch(small, 3, micro))
          .isEqualTo(Arrays.copyOfRange(large, micro * 32, micro * 32 + 32));
    }
  }

  /** A χ² test of the starts over all windows: 50 cells, 50,000 draws, mean 49, deviation 9.9. */
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 7", "3, 64"})
  void startsAreUniformOverAllWindows(long seed, int batchSize) {
    var batches = new Batches(counting(60), 60, batchSize, 10, seed);
    var counts = new int[50];
    int draws = 50_000;
    for (int i = 0; i < draws; i++) {
      counts[(int) batches.start(i / batchSize, 0, i % batchSize)]++;
    }
    double expected = draws / 50.0;
    double chiSquare =
        Arrays.stream(counts).mapToDouble(c -> (c - expected) * (c - expected) / expected).sum();
    assertThat(chiSquare).as("seed %d", seed).isBetween(49 - 4 * 9.9, 49 + 5 * 9.9);
  }

  @Test
  void theOnlyWindowIsTakenWhenThereIsOne() {
    assertThat(batch(new Batches(counting(9), 9, 2, 8, 0), 0, 0))
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7);
  }

  @Test
  void windowsToLearnByHeartAreTheFirstOnes() {
    var batches = new Batches(counting(1000), 1000, 2, 8, 42, 3);
    var starts = new TreeSet<Long>();
    for (int step = 0; step < 100; step++) {
      starts.add(batches.start(step, 0, step % 2));
    }
    assertThat(starts).containsExactly(0L, 8L, 16L);
    assertThatThrownBy(() -> new Batches(counting(24), 24, 2, 8, 42, 3))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("train.overfit_windows asks for 3 windows")
        .hasMessageContaining("has 2");
  }

  @Test
  void rejectsTextShorterThanAWindow() {
    assertThatThrownBy(() -> new Batches(counting(8), 8, 2, 8, 0))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("8 tokens")
        .hasMessageContaining("needs 9");
  }

  @Test
  void rejectsTokensOutsideTheVocabulary() {
    var batches = new Batches(TestTexts.tokens("text.bin", 3, 4, 256, 5), 256, 1, 3, 0);
    assertThatThrownBy(() -> batch(batches, 0, 0))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("token 2 of text.bin is 256")
        .hasMessageContaining("vocabulary of 256");
    var first = new Batches(TestTexts.tokens("text.bin", 256, 4, 2, 5), 256, 1, 3, 0);
    assertThatThrownBy(() -> batch(first, 0, 0)).hasMessageContaining("token 0 of");
  }

  @Test
  void rejectsBuffersThatAreTooSmall() {
    var batches = new Batches(counting(100), 100, 2, 8, 0);
    assertThatThrownBy(() -> batches.fill(0, 0, new int[16], new int[15]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void evaluationWindowsTileTheTextFromTheStart() {
    var windows = new EvaluationWindows(counting(33), 33, 8);
    assertThat(windows.count()).isEqualTo(4);
    var inputs = new int[32];
    var targets = new int[32];
    windows.fill(0, 4, inputs, targets);
    for (int i = 0; i < 32; i++) {
      assertThat(inputs[i]).isEqualTo(i);
      assertThat(targets[i]).isEqualTo(i + 1);
    }
    windows.fill(3, 1, inputs, targets);
    assertThat(inputs[0]).isEqualTo(24);
    assertThat(targets[7]).isEqualTo(32);
    assertThatThrownBy(() -> windows.fill(3, 2, inputs, targets))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @ParameterizedTest
  @CsvSource({"9, 8, 1", "16, 8, 1", "17, 8, 2", "2, 1, 1", "100, 1, 99"})
  void countsWholeEvaluationWindows(int tokens, int context, long count) {
    assertThat(new EvaluationWindows(counting(tokens), tokens, context).count()).isEqualTo(count);
  }

  private static int[] batch(Batches batches, long step, int microBatch) {
    int size = batches.batchSize() * batches.context();
    var inputs = new int[size];
    batches.fill(step, microBatch, inputs, new int[size]);
    return inputs;
  }
}
