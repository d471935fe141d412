package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.model.config.AdamWConfig;
import io.manifoldmuon.model.config.LrScheduleConfig;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.nn.MoeLanguageModel;
import io.manifoldmuon.optim.AdamW;
import io.manifoldmuon.optim.AdamWSettings;
import io.manifoldmuon.optim.LrSchedule;
import io.manifoldmuon.optim.Optimizer;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Role;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes the optimizer that a configuration names. */
public final class Optimizers {
  private Optimizers() {}

  /** The optimizer of section {@code optimizer} for the given parameters. */
  public static Optimizer of(RunConfig config, List<Parameter> parameters) {
    LrSchedule schedule = schedule(config);
    return switch (config.optimizer().type()) {
      case ADAMW -> new AdamW(parameters, settings(config.optimizer().adamw()), schedule);
    };
  }

  /**
   * The first contents of the model's variables for the optimizer of the configuration: rows that
   * it keeps on the unit sphere begin there; what it does not constrain begins small. The router's
   * rows begin on the sphere in any case, so that its first choices are neither uniform nor
   * extreme.
   */
  public static Map<String, Tensor> initialWeights(RunConfig config, MoeLanguageModel model) {
    return switch (config.optimizer().type()) {
      case ADAMW -> model.initialize(config.train().seed(), Set.of(Role.ROUTER));
    };
  }

  private static AdamWSettings settings(AdamWConfig c) {
    return new AdamWSettings(c.lr(), c.beta1(), c.beta2(), c.epsilon(), c.weightDecay());
  }

  private static LrSchedule schedule(RunConfig config) {
    LrScheduleConfig s = config.optimizer().lrSchedule();
    int warmup = config.warmupSteps();
    int end = config.scheduleSteps();
    return switch (s.schedule()) {
      case CONSTANT -> LrSchedule.constant(warmup);
      case LINEAR -> LrSchedule.linear(warmup, end, s.minLrRatio());
      case COSINE -> LrSchedule.cosine(warmup, end, s.minLrRatio());
      case WSD -> LrSchedule.warmupStableDecay(warmup, end, s.decayFraction(), s.minLrRatio());
    };
  }
}
