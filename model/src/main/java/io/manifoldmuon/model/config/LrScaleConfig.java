package io.manifoldmuon.model.config;

import io.manifoldmuon.optim.Role;

/**
 * Section {@code optimizer.modular_scaling.lr_scale}: factors on the learning rates of the
 * parameters of each role.
 *
 * @param attention query, key, value and output projections
 * @param expertUp the first matrices of experts
 * @param expertDown the second matrices of experts
 * @param embedding the table of tokens
 * @param router the vectors that tokens are compared with
 * @param gain multipliers
 */
@AliasKey(key = "expert-up", of = "expert_up")
@AliasKey(key = "expert-down", of = "expert_down")
public record LrScaleConfig(
    double attention,
    double expertUp,
    double expertDown,
    double embedding,
    double router,
    double gain) {

  public LrScaleConfig {
    Require.notNegative("optimizer.modular_scaling.lr_scale.attention", attention);
    Require.notNegative("optimizer.modular_scaling.lr_scale.expert_up", expertUp);
    Require.notNegative("optimizer.modular_scaling.lr_scale.expert_down", expertDown);
    Require.notNegative("optimizer.modular_scaling.lr_scale.embedding", embedding);
    Require.notNegative("optimizer.modular_scaling.lr_scale.router", router);
    Require.notNegative("optimizer.modular_scaling.lr_scale.gain", gain);
  }

  /** The factor of a role. */
  public double of(Role role) {
    return switch (role) {
      case ATTENTION -> attention;
      case EXPERT_UP -> expertUp;
      case EXPERT_DOWN -> expertDown;
      case EMBEDDING -> embedding;
      case ROUTER -> router;
      case GAIN -> gain;
    };
  }
}
