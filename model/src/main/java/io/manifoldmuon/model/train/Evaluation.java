package io.manifoldmuon.model.train;

/**
 * A loss that was measured.
 *
 * @param loss mean cross-entropy in nats per token
 * @param tokens the number of predicted tokens
 */
public record Evaluation(double loss, long tokens) {

  /** e^loss. */
  public double perplexity() {
    return Math.exp(loss);
  }
}
