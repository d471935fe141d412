package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.polar.PolarIteration;
import io.manifoldmuon.linalg.polar.PolarMethod;
import io.manifoldmuon.linalg.polar.PolarSvd;
import io.manifoldmuon.linalg.polar.Precision;
import io.manifoldmuon.model.config.AdamWConfig;
import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.GroupOptimizer;
import io.manifoldmuon.model.config.HypersphereMuonConfig;
import io.manifoldmuon.model.config.LrScheduleConfig;
import io.manifoldmuon.model.config.ModularScalingConfig;
import io.manifoldmuon.model.config.MuonAdjust;
import io.manifoldmuon.model.config.MuonConfig;
import io.manifoldmuon.model.config.MuonPath;
import io.manifoldmuon.model.config.OptimizerConfig;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.config.SphereUpdate;
import io.manifoldmuon.model.config.SphereVectors;
import io.manifoldmuon.model.config.StiefelMuonConfig;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.model.nn.Start;
import io.manifoldmuon.optim.AdamWSettings;
import io.manifoldmuon.optim.Admm;
import io.manifoldmuon.optim.ComposedOptimizer;
import io.manifoldmuon.optim.DualAscent;
import io.manifoldmuon.optim.GroupRule;
import io.manifoldmuon.optim.HypersphereSettings;
import io.manifoldmuon.optim.Irls;
import io.manifoldmuon.optim.LrSchedule;
import io.manifoldmuon.optim.ManifoldOptimizer;
import io.manifoldmuon.optim.MuonSettings;
import io.manifoldmuon.optim.MuonUpdate;
import io.manifoldmuon.optim.NeuronNormalization;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Role;
import io.manifoldmuon.optim.ShapeScaling;
import io.manifoldmuon.optim.SphereMode;
import io.manifoldmuon.optim.StiefelSettings;
import io.manifoldmuon.optim.StiefelSolver;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes the optimizer that a configuration names, and the first weights that go with it. */
public final class Optimizers {
  private Optimizers() {}

  /**
   * The optimizer of section {@code optimizer} for the given parameters: a group for each kind that
   * {@code optimizer.groups} names.
   */
  public static ComposedOptimizer of(RunConfig config, List<Parameter> parameters) {
    return of(config, parameters, schedule(config));
  }

  /** The same with another schedule than the configuration's. */
  static ComposedOptimizer of(RunConfig config, List<Parameter> parameters, LrSchedule schedule) {
    OptimizerConfig c = config.optimizer();
    ModularScalingConfig scaling = c.modularScaling();
    if (c.groups().names(GroupOptimizer.STIEFEL_MUON)) {
      c.stiefelMuon().checkEpsilon(config.engine().name());
    }
    ManifoldOptimizer all =
        ManifoldOptimizer.withoutGroups(schedule)
            .scaledByDepth(scaling.enableDepthScaling())
            .scaledByRatio(scaling.enableRatioScaling())
            .normalizedEvery(config.model().projEvery());
    for (GroupOptimizer kind : GroupOptimizer.values()) {
      all.group(name(kind), rule(kind, c));
    }
    for (Role role : Role.values()) {
      all.assign(role, name(c.groups().of(role)));
      all.lrScale(role, scaling.lrScale().of(role));
    }
    try {
      return all.build(parameters);
    } catch (IllegalArgumentException e) { // a rate or a pair of settings that an optimizer refuses
      var refused = new ConfigException("optimizer: " + e.getMessage());
      refused.initCause(e);
      throw refused;
    }
  }

  /** The name of a group, with which the names of its state begin. */
  private static String name(GroupOptimizer kind) {
    return switch (kind) {
      case STIEFEL_MUON -> "stiefel";
      case HYPERSPHERE_MUON -> "sphere";
      case MUON, NORMUON, SIMPLE_MUON, ADAMW, FROZEN -> kind.toString();
    };
  }

  private static GroupRule rule(GroupOptimizer kind, OptimizerConfig c) {
    return switch (kind) {
      case STIEFEL_MUON -> GroupRule.stiefel(stiefel(c.stiefelMuon()));
      case HYPERSPHERE_MUON -> GroupRule.hypersphere(sphere(c.hypersphereMuon()));
      case MUON -> GroupRule.muon(muon(c.muon(), Optional.empty()));
      case NORMUON -> GroupRule.muon(muon(c.muon(), Optional.of(neurons(c.muon()))));
      case SIMPLE_MUON -> GroupRule.muon(simpleMuon(c.muon()));
      case ADAMW -> GroupRule.adamW(settings(c.adamw()));
      case FROZEN -> GroupRule.frozen();
    };
  }

  static StiefelSettings stiefel(StiefelMuonConfig c) {
    return new StiefelSettings(
        c.baseLr(),
        c.momentum(),
        c.nesterov(),
        solver(c),
        PolarMethod.of(c.polar(), c.nsSteps()),
        c.radius(),
        c.retractEvery(),
        c.constraintTol(),
        c.residualTol(),
        false,
        c.byHead());
  }

  private static StiefelSolver solver(StiefelMuonConfig c) {
    return switch (c.solver()) {
      case PROJECT -> new StiefelSolver.Project();
      case DUAL_ASCENT -> dualAscent(c);
      case IRLS -> {
        Irls irls = Irls.training(c.dualSteps()).withEpsilon(c.epsilon());
        yield c.warmStart() ? irls : irls.cold();
      }
      case ADMM -> Admm.of(c.dualSteps());
    };
  }

  private static DualAscent dualAscent(StiefelMuonConfig c) {
    return switch (c.convention()) {
      case LIBRARY -> {
        DualAscent cold = DualAscent.of(c.dualSteps(), c.dualLr());
        yield new DualAscent(
            cold.iterations(), cold.rate(), cold.tolerance(), cold.convention(), c.warmStart());
      }
      case SEED -> DualAscent.seed(c.dualSteps(), c.dualLr());
    };
  }

  static HypersphereSettings sphere(HypersphereMuonConfig c) {
    boolean geodesic = c.update() == SphereUpdate.GEODESIC;
    return new HypersphereSettings(
        c.baseLr(), c.momentum(), c.nesterov(), mode(c.mode()), geodesic);
  }

  private static SphereMode mode(SphereVectors vectors) {
    return switch (vectors) {
      case PER_ROW -> SphereMode.PER_ROW;
      case PER_COLUMN -> SphereMode.PER_COLUMN;
      case WHOLE -> SphereMode.WHOLE;
    };
  }

  static MuonSettings muon(MuonConfig c, Optional<NeuronNormalization> neurons) {
    return new MuonSettings(
        c.lr(),
        c.momentum(),
        c.nesterov(),
        c.weightDecay(),
        c.cautious(),
        scaling(c.adjust()),
        polar(c),
        neurons,
        path(c.update()));
  }

  private static PolarMethod polar(MuonConfig c) {
    return switch (PolarMethod.of(c.polar(), c.nsSteps())) {
      case PolarIteration iteration ->
          iteration.in(
              switch (c.polarPrecision()) {
                case FLOAT32 -> Precision.FLOAT32;
                case BFLOAT16 -> Precision.BFLOAT16;
              });
      case PolarSvd svd -> svd;
    };
  }

  private static MuonUpdate path(MuonPath path) {
    return switch (path) {
      case PROJECT -> MuonUpdate.STRAIGHT;
      case GEODESIC -> MuonUpdate.GEODESIC;
      case GEODESIC_NORM -> MuonUpdate.GEODESIC_BY_NORM;
    };
  }

  static NeuronNormalization neurons(MuonConfig c) {
    return new NeuronNormalization(c.beta2(), NeuronNormalization.EPSILON);
  }

  static MuonSettings simpleMuon(MuonConfig c) {
    return MuonSettings.simple(c.lr())
        .withMomentum(c.momentum(), false)
        .withDecay(c.weightDecay(), c.cautious())
        .withUpdate(path(c.update()));
  }

  private static ShapeScaling scaling(MuonAdjust adjust) {
    return switch (adjust) {
      case ORIGINAL -> ShapeScaling.ORIGINAL;
      case MATCH_RMS_ADAMW -> ShapeScaling.MATCH_RMS_ADAMW;
      case NONE -> ShapeScaling.NONE;
    };
  }

  /**
   * The first contents of the model's variables for the optimizer of the configuration: what a
   * group constrains begins on its manifold, what none constrains begins small. The router's rows
   * begin on the unit sphere in any case, so that its first choices are neither uniform nor
   * extreme.
   */
  public static Map<String, Tensor> initialWeights(RunConfig config, LanguageModel model) {
    OptimizerConfig c = config.optimizer();
    Map<Role, Start> starts = new EnumMap<>(Role.class);
    for (Role role : Role.values()) {
      starts.put(
          role,
          switch (c.groups().of(role)) {
            case STIEFEL_MUON -> new Start.Stiefel(c.stiefelMuon().radius());
            case HYPERSPHERE_MUON -> new Start.Sphere(mode(c.hypersphereMuon().mode()));
            case MUON, NORMUON, SIMPLE_MUON, ADAMW, FROZEN ->
                role == Role.ROUTER ? Start.UNIT_ROWS : new Start.Gaussian();
          });
    }
    return model.initialize(config.train().seed(), starts);
  }

  static AdamWSettings settings(AdamWConfig c) {
    return new AdamWSettings(
        c.lr(), c.beta1(), c.beta2(), c.epsilon(), c.weightDecay(), c.cautious());
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
