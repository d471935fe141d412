package io.manifoldmuon.model.train;

/** Gives the windows of a training step; {@code Batches::fill} is one. */
@FunctionalInterface
public interface BatchSource {

  /**
   * Fills the inputs and targets [B, T] of a micro-batch, a pure function of step and micro-batch.
   */
  void fill(long step, int microBatch, int[] inputs, int[] targets);
}
