package io.manifoldmuon.model.data;

import io.manifoldmuon.linalg.CounterRandom;

/**
 * Random windows for training: a batch is a pure function of (seed, step, micro-batch).
 *
 * <p>Row r of micro-batch m of step s starts at ⌊h(seed, s, m·B + r) · (n − T) / 2⁶⁴⌋, where h is a
 * 64-bit hash and n the number of tokens: uniform over all windows. So the same rows are seen
 * whether a step takes one batch of A·B rows or A micro-batches of B.
 *
 * <p><b>Shape</b> inputs and targets are [B, T]; {@code targets[b, t]} is the token after {@code
 * inputs[b, t]}.
 */
public final class Batches {
  private final WindowReader reader;
  private final int batchSize;
  private final long seed;
  private final int windows;

  /** Windows from anywhere. */
  public Batches(Tokens tokens, int vocabSize, int batchSize, int context, long seed) {
    this(tokens, vocabSize, batchSize, context, seed, 0);
  }

  /**
   * Windows from anywhere, or some of the first only, to be learned by heart.
   *
   * @param windows how many windows of T tokens from the start of the text; 0 for anywhere
   * @throws DataException if the text has not so many
   */
  public Batches(Tokens tokens, int vocabSize, int batchSize, int context, long seed, int windows) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batch size " + batchSize + " is below 1");
    }
    this.reader = new WindowReader(tokens, vocabSize, context);
    this.batchSize = batchSize;
    this.seed = seed;
    this.windows = windows;
    if (windows > (tokens.size() - 1) / context) {
      throw new DataException(
          Sentence.of(
              "train.overfit_windows asks for %,d windows of %,d tokens, but the training text has"
                  + " %,d; ask for fewer",
              windows, context, (tokens.size() - 1) / context));
    }
  }

  /** B, the rows of a batch. */
  public int batchSize() {
    return batchSize;
  }

  /** T, the tokens of a row. */
  public int context() {
    return reader.context();
  }

  /** Fills the first B·T elements of both buffers, without allocating. */
  public void fill(long step, int microBatch, int[] inputs, int[] targets) {
    reader.checkBuffers(batchSize, inputs, targets);
    for (int row = 0; row < batchSize; row++) {
      reader.fill(start(step, microBatch, row), row, inputs, targets);
    }
  }

  /** The position of the first token of a row. */
  long start(long step, int microBatch, int row) {
    long index = (long) microBatch * batchSize + row;
    if (windows > 0) {
      return CounterRandom.below(windows, seed, step, index) * reader.context();
    }
    return CounterRandom.below(reader.tokens().size() - reader.context(), seed, step, index);
  }
}
