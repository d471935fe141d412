package io.manifoldmuon.model.config;

/**
 * Section {@code optimizer.hypersphere_muon}: embedding and router, whose rows are unit vectors.
 *
 * @param baseLr η, the peak learning rate: the length of the step of every row
 * @param momentum β, the decay of the mean of the gradients
 * @param nesterov whether the new gradient counts once more
 * @param update the way along the sphere
 */
public record HypersphereMuonConfig(
    double baseLr, double momentum, boolean nesterov, SphereUpdate update) {
  public HypersphereMuonConfig {
    Require.positive("optimizer.hypersphere_muon.base_lr", baseLr);
    Require.fractionBelowOne("optimizer.hypersphere_muon.momentum", momentum);
    Require.present("optimizer.hypersphere_muon.update", update);
  }
}
