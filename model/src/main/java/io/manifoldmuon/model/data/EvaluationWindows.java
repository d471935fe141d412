package io.manifoldmuon.model.data;

import java.util.Objects;

/**
 * The non-overlapping windows of T tokens from the start of a sequence, for evaluation.
 *
 * <p>Window i has inputs {@code t[i·T .. i·T + T)}; the target of each is the next token. There are
 * ⌊(n − 1) / T⌋ of them; the rest of the tokens is not used.
 */
public final class EvaluationWindows {
  private final WindowReader reader;

  public EvaluationWindows(Tokens tokens, int vocabSize, int context) {
    this.reader = new WindowReader(tokens, vocabSize, context);
  }

  /** T, the tokens of a window. */
  public int context() {
    return reader.context();
  }

  /** The number of windows, at least 1. */
  public long count() {
    return (reader.tokens().size() - 1) / reader.context();
  }

  /**
   * Fills the first rows · T elements of the buffers with the windows {@code first … first + rows −
   * 1}, without allocating.
   */
  public void fill(long first, int rows, int[] inputs, int[] targets) {
    Objects.checkFromIndexSize(first, rows, count());
    reader.checkBuffers(rows, inputs, targets);
    for (int row = 0; row < rows; row++) {
      reader.fill((first + row) * reader.context(), row, inputs, targets);
    }
  }
}
