package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.model.config.NearestName;
import io.manifoldmuon.model.config.OptimizerConfig;
import io.manifoldmuon.model.config.StepOptimizer;
import io.manifoldmuon.model.format.FormatException;
import io.manifoldmuon.optim.ConstraintCheck.Residual;
import io.manifoldmuon.optim.Manifold;
import io.manifoldmuon.optim.Optimizer;
import io.manifoldmuon.optim.OptimizerSession;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Role;
import io.manifoldmuon.optim.StiefelMuon;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One step of one optimizer on the matrices of a file.
 *
 * @param kind the optimizer
 * @param config its settings
 * @param project whether weights are taken to their manifold first
 */
public record SingleStep(StepOptimizer kind, OptimizerConfig config, boolean project) {
  /** The residual from which on weights are not on their manifold; float32 rounding is below. */
  public static final double OFF_MANIFOLD = 1e-5;

  /**
   * What a step gave.
   *
   * @param engine the engine that computed it
   * @param learningRate of the step
   * @param tensors W, A, the state and the number of steps, by name
   * @param before how far the weights were from their manifold when the step began
   * @param after how far they are now
   * @param solve what the solver reports, where there is one
   */
  public record Result(
      String engine,
      double learningRate,
      Map<String, Tensor> tensors,
      Residual before,
      Residual after,
      Optional<SingleSolve> solve) {
    /**
     * Refuses a step that is none.
     *
     * @throws NumericalException naming the first tensor that is not finite
     */
    public void requireFinite() {
      tensors.forEach(
          (name, x) -> {
            if (!Arrays.stream(x.doubles()).allMatch(Double::isFinite)) {
              throw new NumericalException(
                  "the step on engine "
                      + engine
                      + " gives a '"
                      + name
                      + "' that is not finite, and nothing is written; give a gradient and a rate of"
                      + " usual size, or --engine reference, which computes in float64");
            }
          });
    }
  }

  /**
   * Does the step.
   *
   * @param engine the engine's name
   * @param notices told of the engine that {@code auto} chose and of tensors that have no use
   * @throws FormatException if the file does not fit the optimizer
   */
  public Result run(StepFile file, String engine, EngineOptions options, Consumer<String> notices) {
    Tensor W = file.tensors().get(StepFile.WEIGHTS);
    Parameter p = new Parameter(StepFile.WEIGHTS, W.shape(), Role.ATTENTION);
    Optimizer optimizer = SingleOptimizers.of(kind, config, p);
    try (OptimizerSession session = OptimizerSession.open(engine, options, notices, optimizer)) {
      session.write(StepFile.WEIGHTS, W);
      Residual before = onManifold(file, session);
      restore(file, session, notices);
      Tensor start = session.read(StepFile.WEIGHTS);
      double lr = session.learningRate();
      session.step(Map.of(StepFile.WEIGHTS, file.tensors().get(StepFile.GRADIENT)));
      Tensor A = update(session, optimizer, p, start, lr);
      Residual after = session.restore().after().total();
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put(StepFile.WEIGHTS, session.read(StepFile.WEIGHTS));
      tensors.put(StepFile.UPDATE, A);
      session.state().forEach(name -> tensors.put(name, session.read(name)));
      tensors.put(StepFile.STEPS, Tensor.scalar((double) session.steps()));
      return new Result(
          session.engine(), lr, tensors, before, after, solve(session, optimizer, p, start, A));
    }
  }

  /** What was added to the weights, before the way back to the manifold. */
  private Tensor update(
      OptimizerSession session, Optimizer optimizer, Parameter p, Tensor start, double lr) {
    if (optimizer instanceof StiefelMuon muon) {
      double length = lr * config.stiefelMuon().radius();
      double[] A = Arrays.stream(session.update(muon, p).doubles()).map(a -> length * a).toArray();
      return Tensor.of(p.shape(), A);
    }
    Tensor next = session.read(p.variable());
    return kind == StepOptimizer.HYPERSPHERE
        ? SphereStep.of(Optimizers.sphere(config.hypersphereMuon()), start, next)
        : difference(next, start);
  }

  private Optional<SingleSolve> solve(
      OptimizerSession session, Optimizer optimizer, Parameter p, Tensor start, Tensor A) {
    return optimizer instanceof StiefelMuon muon
        ? Optional.of(SingleSolve.of(config.stiefelMuon(), session.report(muon, p), start, A))
        : Optional.empty();
  }

  private Residual onManifold(StepFile file, OptimizerSession session) {
    Optional<Manifold> manifold = SingleOptimizers.manifold(kind, config);
    if (project) {
      session.project(
          StepFile.WEIGHTS,
          manifold.orElseThrow(
              () ->
                  new FormatException(
                      file.path(), kind + " has no manifold, leave out --project")));
    }
    Residual residual = session.constraints().total();
    if (!(residual.max() <= OFF_MANIFOLD)) {
      throw new FormatException(
          file.path(),
          String.format(
              Locale.ROOT,
              "W is off the manifold of %s by %.2e, wanted at most %.0e; %s",
              kind,
              residual.max(),
              OFF_MANIFOLD,
              project
                  ? "it has no nearest point there: give a matrix of full rank, no zero vector"
                  : "--project puts it there first"));
    }
    return residual;
  }

  /** Writes the state that the file has; the rest begins at zero. */
  private void restore(StepFile file, OptimizerSession session, Consumer<String> notices) {
    List<String> state = session.state();
    file.tensors()
        .forEach(
            (name, value) -> {
              if (state.contains(name)) {
                requireShape(file, name, value.shape(), session.shape(name));
                session.write(name, value);
              } else if (name.equals(StepFile.STEPS)) {
                requireShape(file, name, value.shape(), Shape.scalar());
                session.resumeAt(Math.round(value.doubles()[0]));
              } else if (!name.equals(StepFile.WEIGHTS) && !name.equals(StepFile.GRADIENT)) {
                notices.accept(unused(name, state));
              }
            });
  }

  private String unused(String name, List<String> state) {
    List<String> known = new ArrayList<>(state);
    known.add(StepFile.STEPS);
    String near = NearestName.of(name, known).map(n -> "; did you mean " + n + "?").orElse("");
    return "tensor '" + name + "' has no use: " + kind + " has the state " + known + near;
  }

  private static void requireShape(StepFile file, String name, Shape given, Shape wanted) {
    if (!given.equals(wanted)) {
      throw new FormatException(
          file.path(), "tensor '" + name + "' has shape " + given + ", wanted " + wanted);
    }
  }

  private static Tensor difference(Tensor a, Tensor b) {
    double[] x = a.doubles().clone();
    double[] y = b.doubles();
    for (int i = 0; i < x.length; i++) {
      x[i] -= y[i];
    }
    return Tensor.of(a.shape(), x);
  }
}
