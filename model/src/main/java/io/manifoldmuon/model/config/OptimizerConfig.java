package io.manifoldmuon.model.config;

/**
 * Section {@code optimizer}: which optimizer, the sections of its parts, and the schedule of their
 * learning rates.
 *
 * @param type the optimizer
 * @param adamw the settings on everything that no other part steps
 * @param muon the settings on attention and expert matrices where {@code type} is {@code muon},
 *     {@code normuon} or {@code simple_muon}
 * @param stiefelMuon the settings on attention and expert matrices where {@code type} is {@code
 *     composed_manifold}
 * @param hypersphereMuon the settings on embedding and router rows where {@code type} is {@code
 *     composed_manifold}
 * @param lrSchedule the factor on every learning rate over the steps
 */
public record OptimizerConfig(
    OptimizerType type,
    AdamWConfig adamw,
    MuonConfig muon,
    StiefelMuonConfig stiefelMuon,
    HypersphereMuonConfig hypersphereMuon,
    LrScheduleConfig lrSchedule) {
  public OptimizerConfig {
    Require.present("optimizer.type", type);
    Require.present("optimizer.adamw", adamw);
    Require.present("optimizer.muon", muon);
    Require.present("optimizer.stiefel_muon", stiefelMuon);
    Require.present("optimizer.hypersphere_muon", hypersphereMuon);
    Require.present("optimizer.lr_schedule", lrSchedule);
  }
}
