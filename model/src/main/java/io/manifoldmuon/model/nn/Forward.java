package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.graph.Value;
import java.util.Optional;

/**
 * What a recorded forward pass offers; what no output or update asks for is not computed. N = B·T.
 *
 * @param logits [N, V]
 * @param lossPerToken cross-entropy in nats, [N]
 * @param loss the mean of it, []
 * @param objective what training minimises, []: in {@link Mode#TRAIN} with what routers ask for, in
 *     {@link Mode#EVAL} the loss
 * @param routers for models with experts
 */
public record Forward(
    Value logits, Value lossPerToken, Value loss, Value objective, Optional<Routers> routers) {

  /**
   * What the routers of all layers tell.
   *
   * @param balanceLoss Σ over layers of α·E·Σᵢ fᵢPᵢ, []
   * @param zLoss Σ over layers of β·mean(logsumexp²), []
   * @param counts the number of this batch's assignments to each expert of each layer, [L, E]
   * @param entropy the entropy of softmax(router logits) in nats, mean over layers and tokens, []
   */
  public record Routers(Value balanceLoss, Value zLoss, Value counts, Value entropy) {}
}
