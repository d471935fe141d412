package io.manifoldmuon.model.config;

/**
 * Section {@code optimizer.hypersphere_muon}: parameters that are made of unit vectors, usually the
 * rows of embedding and router; {@code lr} is accepted for {@code base_lr}.
 *
 * @param baseLr η, the peak learning rate: the length of the step of every vector
 * @param momentum β, the decay of the mean of the gradients
 * @param nesterov whether the new gradient counts once more
 * @param mode which parts are the unit vectors
 * @param update the way along the sphere
 */
@AliasKey(key = "lr", of = "base_lr")
public record HypersphereMuonConfig(
    double baseLr, double momentum, boolean nesterov, SphereVectors mode, SphereUpdate update) {
  public HypersphereMuonConfig {
    Require.positive("optimizer.hypersphere_muon.base_lr", baseLr);
    Require.fractionBelowOne("optimizer.hypersphere_muon.momentum", momentum);
    Require.present("optimizer.hypersphere_muon.mode", mode);
    Require.present("optimizer.hypersphere_muon.update", update);
  }
}
