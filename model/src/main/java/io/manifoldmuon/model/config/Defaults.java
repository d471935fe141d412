package io.manifoldmuon.model.config;

/** The built-in value of every key: the one place that holds them. */
final class Defaults {
  static final Preset PRESET = Preset.TINY;

  private Defaults() {}

  /** The defaults, with the dimensions of {@code preset}. A key may be null only if it is here. */
  static RunConfig of(Preset preset) {
    return new RunConfig(
        model(preset),
        new DataConfig(null, "bytes", 0.1, 0),
        train(),
        new OptimizerConfig(
            OptimizerType.ADAMW,
            new AdamWConfig(3e-3, 0.9, 0.95, 1e-8, 0.01),
            muon(),
            stiefelMuon(),
            new HypersphereMuonConfig(0.02, 0.95, true, SphereUpdate.PROJECT),
            new LrScheduleConfig(LrScheduleKind.COSINE, null, null, 0.1, 0.2)),
        new EngineConfig("auto", null, 0));
  }

  private static ModelConfig model(Preset p) {
    double ropeBase = 10_000;
    double rmsEps = 1e-6;
    boolean weightGain = false;
    double routerNoise = 0;
    boolean routerTemperature = false;
    double balanceLoss = 0.01;
    double zLoss = 0;
    boolean routerBias = false;
    double routerBiasRate = 1e-3;
    boolean sharedExpert = false;
    return new ModelConfig(
        ModelType.MOE,
        p,
        p.dModel,
        p.nLayers,
        p.nHeads,
        p.nExperts,
        p.topK,
        p.dFf,
        p.context,
        ropeBase,
        rmsEps,
        weightGain,
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
        lr, momentum, nesterov, beta2, weightDecay, cautious, MuonAdjust.ORIGINAL, polar, nsSteps);
  }

  private static StiefelMuonConfig stiefelMuon() {
    double baseLr = 0.02;
    double momentum = 0.95;
    boolean nesterov = true;
    int dualSteps = 1;
    double epsilon = 0.03;
    boolean warmStart = true;
    double radius = 1;
    int retractEvery = 1;
    double constraintTol = 1e-7;
    String polar = "polar-express";
    int nsSteps = 8;
    return new StiefelMuonConfig(
        baseLr,
        momentum,
        nesterov,
        StiefelSolverName.PROJECT,
        dualSteps,
        epsilon,
        warmStart,
        radius,
        retractEvery,
        constraintTol,
        polar,
        nsSteps);
  }

  private static TrainConfig train() {
    int steps = 1500;
    int batchSize = 8;
    int gradAccumulation = 1;
    int evalEvery = 250;
    int evalWindows = 64;
    int logEvery = 10;
    int checkpointEvery = 500;
    double gradClip = 1.0;
    long seed = 1;
    double maxMinutes = 0;
    return new TrainConfig(
        steps,
        batchSize,
        gradAccumulation,
        evalEvery,
        evalWindows,
        logEvery,
        checkpointEvery,
        gradClip,
        seed,
        maxMinutes,
        null);
  }
}
