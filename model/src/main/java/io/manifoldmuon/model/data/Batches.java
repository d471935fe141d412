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

  public Batches(Tokens tokens, int vocabSize, int batchSize, int context, long seed) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batch size " + batchSize + " is below 1");
    }
    this.reader = new WindowReader(tokens, vocabSize, context);
    this.batchSize = batchSize;
    this.seed = seed;
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
    return CounterRandom.below(reader.tokens().size() - reader.context(), seed, step, index);
  }
}
