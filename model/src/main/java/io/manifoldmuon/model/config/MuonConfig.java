package io.manifoldmuon.model.config;

import io.manifoldmuon.linalg.polar.PolarMethod;
import io.manifoldmuon.linalg.polar.PolarSvd;

/**
 * Section {@code optimizer.muon}; {@code base_lr} is accepted for {@code lr}. {@code simple_muon}
 * reads {@code lr}, {@code momentum}, {@code weight_decay}, {@code cautious} and {@code update}
 * only.
 *
 * @param lr η, the peak learning rate
 * @param momentum β, the decay of the mean of the gradients
 * @param nesterov whether the new gradient counts once more
 * @param beta2 β2, the decay of the mean square of rows; for {@code normuon}
 * @param weightDecay λ of W ← W − η·λ·W
 * @param cautious whether decay spares elements that the update pulls away from zero
 * @param adjust the factor on the learning rate by the shape of a matrix
 * @param polar the method that makes the momentum orthogonal
 * @param nsSteps its steps; {@code svd} has none
 * @param polarPrecision the precision of its products; {@code svd} has none
 * @param update how the unit vectors of the normalised models move
 */
@AliasKey(key = "base_lr", of = "lr")
public record MuonConfig(
    double lr,
    double momentum,
    boolean nesterov,
    double beta2,
    double weightDecay,
    boolean cautious,
    MuonAdjust adjust,
    String polar,
    int nsSteps,
    PolarPrecision polarPrecision,
    MuonPath update) {
  private static final int MOST_STEPS = 100;

  public MuonConfig {
    Require.positive("optimizer.muon.lr", lr);
    Require.fractionBelowOne("optimizer.muon.momentum", momentum);
    Require.fractionBelowOne("optimizer.muon.beta2", beta2);
    Require.notNegative("optimizer.muon.weight_decay", weightDecay);
    Require.present("optimizer.muon.adjust", adjust);
    Require.oneOf("optimizer.muon.polar", polar, PolarMethod.names());
    Require.range("optimizer.muon.ns_steps", nsSteps, 1, MOST_STEPS);
    Require.present("optimizer.muon.polar_precision", polarPrecision);
    if (polarPrecision != PolarPrecision.FLOAT32 && polar.equals(PolarSvd.NAME)) {
      throw ConfigException.of(
          "optimizer.muon.polar_precision",
          polarPrecision,
          "float32 with optimizer.muon.polar=" + polar + ", which is not made of products");
    }
    Require.present("optimizer.muon.update", update);
    if (update != MuonPath.PROJECT && weightDecay != 0) {
      throw ConfigException.of(
          "optimizer.muon.weight_decay",
          weightDecay,
          "0 with optimizer.muon.update=" + update + ", which keeps lengths");
    }
  }
}
