package io.manifoldmuon.model.config;

import io.manifoldmuon.optim.Role;
import java.util.EnumSet;

/**
 * Section {@code optimizer}: which optimizer, the sections of its parts, and the schedule of their
 * learning rates.
 *
 * @param type the optimizer
 * @param groups what steps the parameters of each role, where it is not what {@code type} means
 * @param adamw the settings of groups {@code adamw}
 * @param muon the settings of groups {@code muon}, {@code normuon} and {@code simple_muon}
 * @param stiefelMuon the settings of groups {@code stiefel_muon}
 * @param hypersphereMuon the settings of groups {@code hypersphere_muon}
 * @param lrSchedule the factor on every learning rate over the steps
 * @param modularScaling the factors on learning rates by depth, shape and role
 */
public record OptimizerConfig(
    OptimizerType type,
    GroupsConfig groups,
    AdamWConfig adamw,
    MuonConfig muon,
    StiefelMuonConfig stiefelMuon,
    HypersphereMuonConfig hypersphereMuon,
    LrScheduleConfig lrSchedule,
    ModularScalingConfig modularScaling) {
  public OptimizerConfig {
    Require.present("optimizer.type", type);
    Require.present("optimizer.groups", groups);
    Require.present("optimizer.adamw", adamw);
    Require.present("optimizer.muon", muon);
    Require.present("optimizer.stiefel_muon", stiefelMuon);
    Require.present("optimizer.hypersphere_muon", hypersphereMuon);
    Require.present("optimizer.lr_schedule", lrSchedule);
    Require.present("optimizer.modular_scaling", modularScaling);
    boolean shaped = muon.adjust() != MuonAdjust.NONE && steps(groups, GroupOptimizer.MUON);
    if (modularScaling.enableRatioScaling() && shaped) {
      throw ConfigException.of(
          "optimizer.modular_scaling.enable_ratio_scaling",
          true,
          "false, because optimizer.muon.adjust="
              + muon.adjust()
              + " scales by shape already; or set optimizer.muon.adjust=none");
    }
  }

  /** Whether Muon or NorMuon steps linear maps. */
  private static boolean steps(GroupsConfig groups, GroupOptimizer muon) {
    return EnumSet.allOf(Role.class).stream()
        .filter(Role::linearMap)
        .map(groups::of)
        .anyMatch(o -> o == muon || o == GroupOptimizer.NORMUON);
  }
}
