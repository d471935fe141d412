package io.manifoldmuon.model.config;

import io.manifoldmuon.optim.StiefelPreset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The built-in value of every key: the one place that holds them. */
final class Defaults {
  static final Preset PRESET = Preset.TINY;
  static final OptimizerType OPTIMIZER = OptimizerType.COMPOSED_MANIFOLD;

  static final String MODEL_PRESET = "model.preset";
  static final String MODEL_TYPE = "model.type";
  private static final String OPTIMIZER_TYPE = "optimizer.type";
  private static final String STIEFEL_PRESET = "optimizer.stiefel_muon.preset";
  private static final String STIEFEL_SOLVER = "optimizer.stiefel_muon.solver";

  private static final Set<String> GROUPS =
      below(
          "optimizer.groups.",
          List.of("attention", "expert_up", "expert_down", "embedding", "router", "gain"));

  private static final Set<String> FOLLOWERS_OF_FAMILY =
      Stream.concat(
              GROUPS.stream(),
              Stream.of(
                  "model.n_experts",
                  "model.top_k",
                  "model.d_ff",
                  "model.balance_loss",
                  "model.weight_gain",
                  "model.proj_every",
                  OPTIMIZER_TYPE,
                  "optimizer.adamw.lr",
                  "optimizer.adamw.weight_decay",
                  "optimizer.lr_schedule.warmup_steps"))
          .collect(Collectors.toUnmodifiableSet());

  /** The keys whose defaults depend on the value of another key, by that other key. */
  static final Map<String, Set<String>> FOLLOWERS =
      Map.of(
          MODEL_PRESET,
          below("model.", Preset.KEYS),
          MODEL_TYPE,
          FOLLOWERS_OF_FAMILY,
          OPTIMIZER_TYPE,
          GROUPS,
          STIEFEL_PRESET,
          below("optimizer.stiefel_muon.", List.of("base_lr", "dual_steps", "dual_lr")),
          STIEFEL_SOLVER,
          below("optimizer.stiefel_muon.", List.of("dual_steps")));

  private Defaults() {}

  private static Set<String> below(String section, List<String> keys) {
    return keys.stream().map(key -> section + key).collect(Collectors.toUnmodifiableSet());
  }

  /** The family of models that some settings lead to. */
  static ModelType family(Map<String, Layer.Setting> settings) {
    Map<String, Object> values = new HashMap<>();
    settings.forEach((key, setting) -> values.put(key, setting.value()));
    return familyOf(values);
  }

  private static ModelType familyOf(Map<String, Object> given) {
    Preset preset = (Preset) given.getOrDefault(MODEL_PRESET, PRESET);
    return (ModelType) given.getOrDefault(MODEL_TYPE, preset.type);
  }

  /**
   * The defaults beside some given values, by dotted key. A key may be null only if it is here
   * where nothing is given.
   */
  static RunConfig of(Map<String, Object> given) {
    Preset preset = (Preset) given.getOrDefault(MODEL_PRESET, PRESET);
    ModelType family = familyOf(given);
    boolean normalized = family != ModelType.MOE;
    OptimizerType type =
        (OptimizerType)
            given.getOrDefault(OPTIMIZER_TYPE, normalized ? OptimizerType.ADAMW : OPTIMIZER);
    StiefelPreset stiefel = (StiefelPreset) given.get(STIEFEL_PRESET);
    StiefelSolverName solver =
        (StiefelSolverName) given.getOrDefault(STIEFEL_SOLVER, StiefelSolverName.IRLS);
    boolean onManifolds = type == OptimizerType.COMPOSED_MANIFOLD;
    return new RunConfig(
        model(family, preset, onManifolds && !normalized),
        new DataConfig(null, "bytes", 0.1, 0),
        train(),
        new OptimizerConfig(
            type,
            GroupsConfig.of(type, family),
            adamW(onManifolds || normalized ? 0.01 : 3e-3, normalized ? 0 : 0.01),
            muon(),
            stiefelMuon(stiefel, solver),
            new HypersphereMuonConfig(
                0.02, 0.95, true, SphereVectors.PER_ROW, SphereUpdate.PROJECT),
            new LrScheduleConfig(LrScheduleKind.COSINE, normalized ? 0 : null, null, 0.1, 0.2),
            new ModularScalingConfig(false, false, new LrScaleConfig(1, 1, 1, 1, 1, 1))),
        new EngineConfig("auto", null, 0));
  }

  private static AdamWConfig adamW(double lr, double weightDecay) {
    return new AdamWConfig(lr, 0.9, 0.95, 1e-8, weightDecay, false);
  }

  private static ModelConfig model(ModelType type, Preset p, boolean weightGain) {
    boolean experts = type == ModelType.MOE;
    int dFf = type == ModelType.GATED_NGPT ? 4 * p.dModel : p.dFf;
    int projEvery = type == ModelType.GATED_NGPT ? 7 : 1;
    double ropeBase = 10_000;
    double rmsEps = 1e-6;
    double routerNoise = 0;
    boolean routerTemperature = false;
    double balanceLoss = experts ? 0.01 : 0;
    double zLoss = 0;
    boolean routerBias = false;
    double routerBiasRate = 1e-3;
    boolean sharedExpert = false;
    return new ModelConfig(
        type,
        p,
        p.dModel,
        p.nLayers,
        p.nHeads,
        experts ? p.nExperts : 1,
        experts ? p.topK : 1,
        dFf,
        p.context,
        ropeBase,
        rmsEps,
        weightGain,
        projEvery,
        routerNoise,
        routerTemperature,
        balanceLoss,
        zLoss,
        routerBias,
        routerBiasRate,
        sharedExpert,
        Routing.TOPK);
  }

  private static MuonConfig muon() {
    double lr = 0.02;
    double momentum = 0.95;
    boolean nesterov = true;
    double beta2 = 0.95;
    double weightDecay = 0;
    boolean cautious = false;
    String polar = "muon-quintic";
    int nsSteps = 5;
    return new MuonConfig(
        lr,
        momentum,
        nesterov,
        beta2,
        weightDecay,
        cautious,
        MuonAdjust.ORIGINAL,
        polar,
        nsSteps,
        PolarPrecision.FLOAT32,
        MuonPath.PROJECT);
  }

  private static StiefelMuonConfig stiefelMuon(StiefelPreset preset, StiefelSolverName solver) {
    double baseLr = preset == null ? 0.02 : preset.baseLr();
    double momentum = 0.95;
    boolean nesterov = true;
    int dualSteps = preset == null ? dualSteps(solver) : preset.dualSteps();
    double dualLr = preset == null ? 0.1 : preset.dualLr();
    double epsilon = 0.2;
    boolean warmStart = true;
    double radius = 1;
    int retractEvery = 1;
    double constraintTol = 1e-7;
    double residualTol = 2e-6; // float32 rounding
    boolean byHead = false;
    String polar = "polar-express";
    int nsSteps = 6;
    return new StiefelMuonConfig(
        preset,
        baseLr,
        momentum,
        nesterov,
        solver,
        dualSteps,
        dualLr,
        DualConvention.LIBRARY,
        epsilon,
        warmStart,
        radius,
        retractEvery,
        constraintTol,
        residualTol,
        byHead,
        polar,
        nsSteps);
  }

  private static int dualSteps(StiefelSolverName solver) {
    return switch (solver) {
      case PROJECT, IRLS -> 1;
      case DUAL_ASCENT, ADMM -> 10;
    };
  }

  private static TrainConfig train() {
    int steps = 1500;
    int batchSize = 8;
    int gradAccumulation = 1;
    int evalEvery = 250;
    int evalWindows = 64;
    int logEvery = 10;
    int checkpointEvery = 500;
    int keepLast = 2;
    boolean keepBest = true;
    double gradClip = 1.0;
    double skipGradNormAbove = 0;
    double skipGradNormFactor = 0;
    int overfitWindows = 0;
    long seed = 1;
    double maxMinutes = 0;
    long maxTokens = 0;
    int earlyStopPatience = 0;
    return new TrainConfig(
        steps,
        batchSize,
        gradAccumulation,
        evalEvery,
        evalWindows,
        logEvery,
        checkpointEvery,
        keepLast,
        keepBest,
        gradClip,
        skipGradNormAbove,
        skipGradNormFactor,
        overfitWindows,
        seed,
        maxMinutes,
        maxTokens,
        earlyStopPatience,
        null);
  }
}
