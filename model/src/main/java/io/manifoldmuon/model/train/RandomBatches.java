package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.CounterRandom;

/**
 * Windows of random tokens, for measuring time.
 *
 * @param vocabulary tokens are below it
 * @param seed decides them
 */
public record RandomBatches(int vocabulary, long seed) implements BatchSource {

  @Override
  public void fill(long step, int microBatch, int[] inputs, int[] targets) {
    long stream = CounterRandom.bits(seed, step, microBatch);
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = (int) CounterRandom.below(vocabulary, seed, stream, 2L * i);
      targets[i] = (int) CounterRandom.below(vocabulary, seed, stream, 2L * i + 1);
    }
  }
}
