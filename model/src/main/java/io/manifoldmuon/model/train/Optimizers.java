package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.polar.PolarIteration;
import io.manifoldmuon.model.config.AdamWConfig;
import io.manifoldmuon.model.config.HypersphereMuonConfig;
import io.manifoldmuon.model.config.LrScheduleConfig;
import io.manifoldmuon.model.config.MuonAdjust;
import io.manifoldmuon.model.config.MuonConfig;
import io.manifoldmuon.model.config.OptimizerConfig;
import io.manifoldmuon.model.config.OptimizerType;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.config.SphereUpdate;
import io.manifoldmuon.model.config.StiefelMuonConfig;
import io.manifoldmuon.model.nn.MoeLanguageModel;
import io.manifoldmuon.optim.AdamW;
import io.manifoldmuon.optim.AdamWSettings;
import io.manifoldmuon.optim.ComposedOptimizer;
import io.manifoldmuon.optim.HypersphereMuon;
import io.manifoldmuon.optim.HypersphereSettings;
import io.manifoldmuon.optim.Irls;
import io.manifoldmuon.optim.LrSchedule;
import io.manifoldmuon.optim.Muon;
import io.manifoldmuon.optim.MuonSettings;
import io.manifoldmuon.optim.NeuronNormalization;
import io.manifoldmuon.optim.Optimizer;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Role;
import io.manifoldmuon.optim.ShapeScaling;
import io.manifoldmuon.optim.SphereMode;
import io.manifoldmuon.optim.StiefelMuon;
import io.manifoldmuon.optim.StiefelSettings;
import io.manifoldmuon.optim.StiefelSolver;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes the optimizer that a configuration names. */
public final class Optimizers {
  /** On max|WᵀW/s² − I|: float32 rounding. */
  private static final double RESIDUAL_TOLERANCE = 2e-6;

  private Optimizers() {}

  /** The optimizer of section {@code optimizer} for the given parameters. */
  public static Optimizer of(RunConfig config, List<Parameter> parameters) {
    LrSchedule schedule = schedule(config);
    return switch (config.optimizer().type()) {
      case ADAMW -> new AdamW(parameters, settings(config.optimizer().adamw()), schedule);
      case COMPOSED_MANIFOLD -> composedManifold(config.optimizer(), parameters, schedule);
      case MUON, NORMUON, SIMPLE_MUON -> {
        List<Parameter> matrices = parameters.stream().filter(Optimizers::isMatrix).toList();
        List<Parameter> rest = parameters.stream().filter(p -> !isMatrix(p)).toList();
        yield new ComposedOptimizer(
            List.of(
                new Muon("muon", matrices, muon(config.optimizer()), schedule),
                new AdamW(rest, settings(config.optimizer().adamw()), schedule)));
      }
    };
  }

  /** Whether a parameter is a stack of linear maps between hidden layers. */
  private static boolean isMatrix(Parameter p) {
    return switch (p.role()) {
      case ATTENTION, EXPERT_UP, EXPERT_DOWN -> true;
      case EMBEDDING, ROUTER, GAIN -> false;
    };
  }

  private static Optimizer composedManifold(
      OptimizerConfig c, List<Parameter> parameters, LrSchedule schedule) {
    List<Parameter> matrices = parameters.stream().filter(Optimizers::isMatrix).toList();
    List<Parameter> rows = parameters.stream().filter(Optimizers::hasUnitRows).toList();
    List<Parameter> rest =
        parameters.stream().filter(p -> !isMatrix(p) && !hasUnitRows(p)).toList();
    return new ComposedOptimizer(
        List.of(
            new StiefelMuon("stiefel", matrices, stiefel(c.stiefelMuon()), schedule),
            new HypersphereMuon("sphere", rows, sphere(c.hypersphereMuon()), schedule),
            new AdamW(rest, settings(c.adamw()), schedule)));
  }

  private static boolean hasUnitRows(Parameter p) {
    return p.role() == Role.EMBEDDING || p.role() == Role.ROUTER;
  }

  private static StiefelSettings stiefel(StiefelMuonConfig c) {
    StiefelSolver solver =
        switch (c.solver()) {
          case PROJECT -> new StiefelSolver.Project();
          case IRLS -> {
            Irls irls = Irls.training(c.dualSteps()).withEpsilon(c.epsilon());
            yield c.warmStart() ? irls : irls.cold();
          }
        };
    return new StiefelSettings(
        c.baseLr(),
        c.momentum(),
        c.nesterov(),
        solver,
        PolarIteration.of(c.polar(), c.nsSteps()),
        c.radius(),
        c.retractEvery(),
        c.constraintTol(),
        RESIDUAL_TOLERANCE,
        false);
  }

  private static HypersphereSettings sphere(HypersphereMuonConfig c) {
    boolean geodesic = c.update() == SphereUpdate.GEODESIC;
    return new HypersphereSettings(
        c.baseLr(), c.momentum(), c.nesterov(), SphereMode.PER_ROW, geodesic);
  }

  private static MuonSettings muon(OptimizerConfig optimizer) {
    MuonConfig c = optimizer.muon();
    if (optimizer.type() == OptimizerType.SIMPLE_MUON) {
      return MuonSettings.simple(c.lr())
          .withMomentum(c.momentum(), false)
          .withDecay(c.weightDecay(), c.cautious());
    }
    boolean normalises = optimizer.type() == OptimizerType.NORMUON;
    return new MuonSettings(
        c.lr(),
        c.momentum(),
        c.nesterov(),
        c.weightDecay(),
        c.cautious(),
        scaling(c.adjust()),
        PolarIteration.of(c.polar(), c.nsSteps()),
        normalises
            ? Optional.of(new NeuronNormalization(c.beta2(), NeuronNormalization.EPSILON))
            : Optional.empty());
  }

  private static ShapeScaling scaling(MuonAdjust adjust) {
    return switch (adjust) {
      case ORIGINAL -> ShapeScaling.ORIGINAL;
      case MATCH_RMS_ADAMW -> ShapeScaling.MATCH_RMS_ADAMW;
      case NONE -> ShapeScaling.NONE;
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
      case ADAMW, MUON, NORMUON, SIMPLE_MUON ->
          model.initialize(config.train().seed(), Set.of(Role.ROUTER));
      case COMPOSED_MANIFOLD ->
          model.initialize(
              config.train().seed(),
              Set.of(Role.ROUTER, Role.EMBEDDING),
              Set.of(Role.ATTENTION, Role.EXPERT_UP, Role.EXPERT_DOWN),
              config.optimizer().stiefelMuon().radius());
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
