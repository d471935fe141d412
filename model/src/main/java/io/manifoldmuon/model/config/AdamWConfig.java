package io.manifoldmuon.model.config;

/**
 * Section {@code optimizer.adamw}; {@code betas: [β1, β2]} is accepted for the two keys, and {@code
 * base_lr} for {@code lr}.
 *
 * @param lr η, the peak learning rate
 * @param beta1 β1, the decay of the first moment
 * @param beta2 β2, the decay of the second moment
 * @param epsilon ε, added to the root of the second moment
 * @param weightDecay λ of W ← W − η·λ·W, on matrices only
 * @param cautious whether decay spares elements that the update pulls away from zero
 */
@AliasKey(key = "base_lr", of = "lr")
@PairKey(key = "betas", first = "beta1", second = "beta2")
public record AdamWConfig(
    double lr, double beta1, double beta2, double epsilon, double weightDecay, boolean cautious) {
  public AdamWConfig {
    Require.positive("optimizer.adamw.lr", lr);
    Require.fractionBelowOne("optimizer.adamw.beta1", beta1);
    Require.fractionBelowOne("optimizer.adamw.beta2", beta2);
    Require.positive("optimizer.adamw.epsilon", epsilon);
    Require.notNegative("optimizer.adamw.weight_decay", weightDecay);
  }
}
