package io.manifoldmuon.model.config;

import io.manifoldmuon.optim.Role;
import java.util.List;
import java.util.Map;

/**
 * Everything that decides a run. {@link ConfigBuilder} makes it from files and settings; {@link
 * #toYaml()} writes it so that reading gives an equal record.
 *
 * @param model section {@code model}
 * @param data section {@code data}
 * @param train section {@code train}
 * @param optimizer section {@code optimizer}
 * @param engine section {@code engine}
 */
public record RunConfig(
    ModelConfig model,
    DataConfig data,
    TrainConfig train,
    OptimizerConfig optimizer,
    EngineConfig engine) {

  public RunConfig {
    Require.present("model", model);
    Require.present("data", data);
    Require.present("train", train);
    Require.present("optimizer", optimizer);
    Require.present("engine", engine);
    LrScheduleConfig schedule = optimizer.lrSchedule();
    int end = schedule.end(train.steps());
    int warmup = schedule.warmup(train.steps());
    if (warmup > end) {
      throw ConfigException.of(
          "optimizer.lr_schedule.warmup_steps",
          warmup,
          "at most the schedule's length, which is " + end + " steps");
    }
    checkStiefelRates(model, optimizer);
    checkUnitVectors(model, optimizer);
    long activations = (long) train.batchSize() * model.context() * model.dModel();
    if (activations > Integer.MAX_VALUE) {
      throw ConfigException.of(
          "train.batch_size",
          train.batchSize(),
          "small enough that train.batch_size × model.context × model.d_model = "
              + activations
              + " is at most 2^31−1; use train.grad_accumulation for larger steps");
    }
  }

  /** A step on the Stiefel manifold is at most as long as the manifold's radius. */
  private static void checkStiefelRates(ModelConfig model, OptimizerConfig optimizer) {
    ModularScalingConfig scaling = optimizer.modularScaling();
    double ratio = Math.sqrt((double) model.dFf() / model.dModel());
    for (Role role : Role.values()) {
      double byRatio =
          switch (role) {
            case EXPERT_UP -> ratio;
            case EXPERT_DOWN -> 1 / ratio;
            case ATTENTION, EMBEDDING, ROUTER, GAIN -> 1;
          };
      double factor = scaling.lrScale().of(role) * (scaling.enableRatioScaling() ? byRatio : 1);
      double baseLr = optimizer.stiefelMuon().baseLr();
      boolean here = optimizer.groups().of(role) == GroupOptimizer.STIEFEL_MUON;
      if (here && !(baseLr * factor <= 1)) {
        throw ConfigException.of(
            "optimizer.stiefel_muon.base_lr",
            baseLr,
            "at most 1 after optimizer.modular_scaling, which multiplies it by "
                + factor
                + " for "
                + role.tag());
      }
    }
  }

  /** What wants unit vectors has them, and what wants orthonormal matrices does not meet them. */
  private static void checkUnitVectors(ModelConfig model, OptimizerConfig optimizer) {
    if (model.type() == ModelType.MOE) {
      if (optimizer.muon().update() != MuonPath.PROJECT) {
        throw ConfigException.of(
            "optimizer.muon.update",
            optimizer.muon().update(),
            "project, because model.type is moe, whose matrices are not made of unit vectors");
      }
      return;
    }
    for (Role role : Role.values()) {
      if (optimizer.groups().of(role) == GroupOptimizer.STIEFEL_MUON) {
        throw ConfigException.of(
            "optimizer.groups." + role.tag().replace('-', '_'),
            GroupOptimizer.STIEFEL_MUON,
            "another optimizer, because model.type is "
                + model.type()
                + ", which normalises vectors of its matrices after every step");
      }
    }
  }

  /** The built-in defaults: what {@code train} without arguments runs. */
  public static RunConfig defaults() {
    return Defaults.of(Map.of());
  }

  /** The defaults with the given {@code key=value} settings. */
  public static RunConfig of(String... settings) {
    return new ConfigBuilder().set(List.of(settings)).build();
  }

  /** Tokens that one optimizer step sees: B·T·gradAccumulation. */
  public long tokensPerStep() {
    return (long) train.batchSize() * train.gradAccumulation() * model.context();
  }

  /** The step at which the learning-rate schedule ends. */
  public int scheduleSteps() {
    return optimizer.lrSchedule().end(train.steps());
  }

  /** The steps in which the learning rate warms up. */
  public int warmupSteps() {
    return optimizer.lrSchedule().warmup(train.steps());
  }

  /** The dotted names of the keys that have another value in {@code other}, in order. */
  public List<String> keysThatDiffer(RunConfig other) {
    return Records.differences(Schema.of(this), this, other);
  }

  /** Every key with its value, as YAML that {@link ConfigBuilder} reads back to an equal record. */
  public String toYaml() {
    return YamlText.write(this);
  }
}
