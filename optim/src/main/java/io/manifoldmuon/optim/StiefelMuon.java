package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.polar.Msign;
import io.manifoldmuon.linalg.polar.ShortSide;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Manifold Muon: steepest descent in the spectral norm along the Stiefel manifold WᵀW = s²·I (of a
 * wide W, WWᵀ = s²·I):
 *
 * <pre>
 *   B ← βB + (1−β)G      U = B, or (1−β)G + βB with Nesterov
 *   A = argmin ⟨U, A⟩ subject to ‖A‖₂ ≤ η and WᵀA + AᵀW = 0      at W/s
 *   W ← s·(nearest point of the manifold to W/s + A)
 * </pre>
 *
 * <p>Square matrices and single columns are solved by formula, all others by the {@link
 * StiefelSolver}. U of any scale gives the same A. Where U is zero, or has next to no tangent part
 * (10⁻⁵ of it), A = 0. The retraction is cubic steps X ← X(1.5·I − 0.5·XᵀX), as many as bring the
 * worst W + A to rounding; {@link #constraints} measures what is left. There is no weight decay: a
 * matrix on the manifold cannot change its size.
 *
 * <p>The weights must begin on the manifold. For a parameter {@code w} the momentum is the variable
 * {@code stiefel.b.w}, with the optimizer's name in place of {@code stiefel}.
 *
 * <p><b>Source</b> Bernstein 2025, "Modular Manifolds".
 */
public final class StiefelMuon implements Optimizer {
  private static final int MOST_RETRACTION_STEPS = 12;
  private static final double LEAST_NORM = 1e-18;

  private final String name;
  private final List<Parameter> parameters;
  private final StiefelSettings settings;
  private final LearningRates rates;

  /** An optimizer whose parameters all learn at the same rate. */
  public StiefelMuon(
      String name, List<Parameter> parameters, StiefelSettings settings, LrSchedule schedule) {
    this(name, parameters, settings, schedule, LrScaling.NONE);
  }

  /**
   * An optimizer of the given matrices.
   *
   * @param name the beginning of the names of its inputs and state
   */
  public StiefelMuon(
      String name,
      List<Parameter> parameters,
      StiefelSettings settings,
      LrSchedule schedule,
      LrScaling scaling) {
    Gradients.requireMatrices(name, parameters);
    this.name = name;
    this.parameters = List.copyOf(parameters);
    this.settings = settings;
    this.rates = new LearningRates(name, this.parameters, settings.lr(), schedule, scaling);
    rates.requireAtMost(1);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Parameter> parameters() {
    return parameters;
  }

  @Override
  public void record(GraphBuilder g, Map<Parameter, Value> gradients, Value gradScale) {
    Gradients.require(name, parameters, gradients);
    g.phase(
        Phase.OPTIMIZER,
        () ->
            g.scope(
                name,
                () ->
                    parameters.forEach(
                        p ->
                            g.scope(p.variable(), () -> step(g, p, gradients.get(p), gradScale)))));
  }

  private void step(GraphBuilder g, Parameter p, Value gradient, Value gradScale) {
    Momentum momentum = new Momentum(g.scalarInput(input("momentum")), settings.nesterov());
    Value U = momentum.record(g, g.mul(gradient, gradScale), momentumOf(p));
    double s = settings.radius();
    Value W = s == 1 ? p.value(g) : g.scale(p.value(g), 1 / s);
    StiefelProblem problem = StiefelProblem.of(g, W, U, settings.polar());
    Value A = problem.solve(settings.solver(), memory(g, p)).A();
    Value moved = g.add(W, g.mul(A, rates.record(g, p)));
    Value next = retraction(g, p, moved);
    if (settings.retractEvery() > 1) {
      next = g.lerp(moved, next, g.scalarInput(input("retract")));
    }
    g.assign(p.variable(), s == 1 ? next : g.scale(next, s));
  }

  private Value retraction(GraphBuilder g, Parameter p, Value X) {
    Shape shape = X.shape();
    if (ShortSide.length(shape) == 1) {
      return g.div(X, g.zip(Binary.MAX, Msign.norm(g, X), g.constant(LEAST_NORM)));
    }
    return Msign.retraction(g, X, retractionSteps(p));
  }

  /** The cubic steps that the matrices of a parameter need at their highest learning rate. */
  int retractionSteps(Parameter p) {
    Shape shape = p.shape();
    double lr = rates.highest(p);
    boolean square = shape.dim(-2) == shape.dim(-1);
    double once = square ? Math.sqrt(1 + lr * lr) - 1 : settings.solver().deviation(lr);
    double e = once * settings.retractEvery();
    int steps = 1;
    while (steps < MOST_RETRACTION_STEPS && !(after(e) <= settings.constraintTolerance())) {
      e = after(e);
      steps++;
    }
    return steps;
  }

  /** |1 − σ| after a cubic step on σ = 1 ± e, at most. */
  private static double after(double e) {
    return 1.5 * e * e + 0.5 * e * e * e;
  }

  private StiefelSolver.Memory memory(GraphBuilder g, Parameter p) {
    return new StiefelSolver.Memory() {
      @Override
      public Value update(String which, UnaryOperator<Value> next) {
        StateVariable state = solverState(which, p);
        return g.assign(state.name(), next.apply(state.value(g)));
      }
    };
  }

  @Override
  public void writeInputs(Program program, long step) {
    rates.write(program, step);
    program.write(input("momentum"), Tensor.scalar(settings.momentum()));
    if (settings.retractEvery() > 1) {
      boolean now = (step + 1) % settings.retractEvery() == 0;
      program.write(input("retract"), Tensor.scalar(now ? 1.0 : 0.0));
    }
  }

  @Override
  public List<StateVariable> state() {
    List<StateVariable> state = new ArrayList<>();
    for (Parameter p : parameters) {
      state.add(momentumOf(p));
      if (usesSolver(p.shape())) {
        settings.solver().state().forEach(which -> state.add(solverState(which, p)));
      }
    }
    return List.copyOf(state);
  }

  private static boolean usesSolver(Shape shape) {
    return shape.dim(-2) != shape.dim(-1) && ShortSide.length(shape) > 1;
  }

  /** max|WᵀW/s² − I| of every matrix. */
  @Override
  public List<Constraint> constraints() {
    return parameters.stream()
        .map(p -> new Constraint(name, "stiefel", p, g -> residual(g, p)))
        .toList();
  }

  private Value residual(GraphBuilder g, Parameter p) {
    Value R = ShortSide.of(g, p.shape()).gram(p.value(g));
    double scale = 1 / (settings.radius() * settings.radius());
    return g.maxAbs(g.weightedSum(scale, R, 0, R, -1), p.shape().rank() - 2);
  }

  @Override
  public double learningRate(long step) {
    return rates.at(step);
  }

  private String input(String scalar) {
    return name + "." + scalar;
  }

  private StateVariable momentumOf(Parameter p) {
    return new StateVariable(name + ".b." + p.variable(), p.type());
  }

  private StateVariable solverState(String which, Parameter p) {
    int k = ShortSide.length(p.shape());
    Shape shape = p.shape().prefix(p.shape().rank() - 2).append(k, k);
    return new StateVariable(name + "." + which + "." + p.variable(), Type.real(shape));
  }
}
