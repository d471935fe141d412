package io.manifoldmuon.model.config;

/**
 * Section {@code optimizer.modular_scaling}: the factors on learning rates by depth, shape and
 * role.
 *
 * @param enableDepthScaling whether layer ℓ of L learns at (ℓ+1)/L of the rate
 * @param enableRatioScaling whether matrices learn at √(fanOut/fanIn) of the rate
 * @param lrScale the factors by role
 */
public record ModularScalingConfig(
    boolean enableDepthScaling, boolean enableRatioScaling, LrScaleConfig lrScale) {
  public ModularScalingConfig {
    Require.present("optimizer.modular_scaling.lr_scale", lrScale);
  }
}
