package io.manifoldmuon.model.train;

import io.manifoldmuon.model.config.OptimizerConfig;
import io.manifoldmuon.model.config.StepOptimizer;
import io.manifoldmuon.model.config.StiefelMuonConfig;
import io.manifoldmuon.model.config.StiefelSolverName;
import io.manifoldmuon.optim.AdamW;
import io.manifoldmuon.optim.HypersphereMuon;
import io.manifoldmuon.optim.Irls;
import io.manifoldmuon.optim.LrSchedule;
import io.manifoldmuon.optim.Manifold;
import io.manifoldmuon.optim.Muon;
import io.manifoldmuon.optim.Optimizer;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.StiefelMuon;
import io.manifoldmuon.optim.StiefelSettings;
import io.manifoldmuon.optim.StiefelSolver;
import java.util.List;
import java.util.Optional;

/** Makes optimizers of one parameter, at a constant learning rate. */
final class SingleOptimizers {
  private static final LrSchedule CONSTANT = LrSchedule.constant(0);

  private SingleOptimizers() {}

  /** The optimizer, with its own name at the beginning of the names of its state. */
  static Optimizer of(StepOptimizer kind, OptimizerConfig c, Parameter p) {
    String name = kind.toString();
    List<Parameter> one = List.of(p);
    return switch (kind) {
      case STIEFEL -> new StiefelMuon(name, one, certified(c.stiefelMuon()), CONSTANT);
      case HYPERSPHERE ->
          new HypersphereMuon(name, one, Optimizers.sphere(c.hypersphereMuon()), CONSTANT);
      case MUON -> new Muon(name, one, Optimizers.muon(c.muon(), Optional.empty()), CONSTANT);
      case NORMUON ->
          new Muon(
              name,
              one,
              Optimizers.muon(c.muon(), Optional.of(Optimizers.neurons(c.muon()))),
              CONSTANT);
      case SIMPLE_MUON -> new Muon(name, one, Optimizers.simpleMuon(c.muon()), CONSTANT);
      case ADAMW -> new AdamW(name, one, Optimizers.settings(c.adamw()), CONSTANT);
    };
  }

  /** Every step with its certificate, and {@code irls} as it is for answers of high accuracy. */
  private static StiefelSettings certified(StiefelMuonConfig c) {
    StiefelSettings s = Optimizers.stiefel(c);
    StiefelSolver solver =
        c.solver() == StiefelSolverName.IRLS
            ? Irls.certified(c.dualSteps(), c.epsilon())
            : s.solver();
    return s.withSolver(solver).certified();
  }

  /** Where the optimizer keeps its weights; empty where they are free. */
  static Optional<Manifold> manifold(StepOptimizer kind, OptimizerConfig c) {
    return switch (kind) {
      case STIEFEL -> Optional.of(new Manifold.Stiefel(c.stiefelMuon().radius()));
      case HYPERSPHERE ->
          Optional.of(new Manifold.Sphere(Optimizers.sphere(c.hypersphereMuon()).mode()));
      case MUON, NORMUON, SIMPLE_MUON, ADAMW -> Optional.empty();
    };
  }
}
