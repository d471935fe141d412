package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.graph.Value;

/**
 * What a recorded forward pass offers; what no output or update asks for is not computed. N = B·T.
 *
 * @param logits [N, V]
 * @param lossPerToken cross-entropy in nats, [N]
 * @param loss the mean of it, []
 * @param objective what training minimises, []: in {@link Mode#TRAIN} loss + balanceLoss + zLoss,
 *     in {@link Mode#EVAL} the loss
 * @param balanceLoss Σ over layers of α·E·Σᵢ fᵢPᵢ, []
 * @param zLoss Σ over layers of β·mean(logsumexp²), []
 * @param counts the number of this batch's assignments to each expert of each layer, [L, E]
 * @param routerEntropy the entropy of softmax(router logits) in nats, mean over layers and tokens,
 *     []
 */
public record Forward(
    Value logits,
    Value lossPerToken,
    Value loss,
    Value objective,
    Value balanceLoss,
    Value zLoss,
    Value counts,
    Value routerEntropy) {}
