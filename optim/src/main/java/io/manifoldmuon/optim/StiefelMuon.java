package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.polar.Msign;
import io.manifoldmuon.linalg.polar.PolarIteration;
import io.manifoldmuon.linalg.polar.ShortSide;
import io.manifoldmuon.linalg.polar.SpectralBound;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
 * (10⁻⁵ of it), A = 0. The retraction is {@link Msign#retraction}, as many steps as bring the worst
 * W + A to rounding, behind a whole {@link Msign} where W + A may be too far off for it to converge
 * (from η ≈ 0.5 on, and earlier if not every step retracts); {@link #constraints} measures what is
 * left, and {@link Retraction} repeats it where that is too much. There is no weight decay: a
 * matrix on the manifold cannot change its size.
 *
 * <p>By head ({@link StiefelSettings#byHead}), each head of a parameter that has {@link Heads} is a
 * matrix of its own: [fanOut/H, fanIn] of a query, key or value projection has orthonormal rows,
 * [fanOut, fanIn/H] of an output projection orthonormal columns, and the matrix as a whole need not
 * be orthogonal.
 *
 * <p>The weights must begin on the manifold. For a parameter {@code w} the momentum is the variable
 * {@code stiefel.b.w}, with the optimizer's name in place of {@code stiefel}. If the settings ask
 * for certificates, a graph with its recording has the outputs of {@link SolverReport} under the
 * prefix {@link #reportPrefix}.
 *
 * <p><b>Source</b> Bernstein 2025, "Modular Manifolds".
 */
public final class StiefelMuon extends MatrixOptimizer {
  private static final int MOST_RETRACTION_STEPS = 8;
  private static final PolarIteration FROM_AFAR = PolarIteration.polarExpress(8);
  private static final int SPREAD_SQUARINGS = 4;
  private static final double LEAST_NORM = 1e-18;

  private final StiefelSettings settings;

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
    super(name, parameters, settings.lr(), schedule, scaling);
    this.settings = settings;
    rates.requireAtMost(1);
    rates.requireOneForEachMatrix();
  }

  @Override
  void step(GraphBuilder g, Parameter p, Value gradient) {
    Momentum momentum = new Momentum(g.scalarInput(input("momentum")), settings.nesterov());
    Value U = momentum.record(g, gradient, momentumOf(p));
    Value W = point(g, p);
    Value lr = rates.record(g, p);
    Value B = view(p).split(g, U);
    StiefelProblem problem = problem(g, W, B, lr);
    StiefelProblem.Solution solution = problem.solve(settings.solver(), memory(g, p));
    Value moved;
    if (settings.certify()) {
      Certificate certificate = Certificate.record(problem, solution);
      SolverReport.output(g, reportPrefix(p), certificate);
      Value A = view(p).join(g, certificate.feasible());
      g.output(SolverReport.update(reportPrefix(p)), A);
      moved = g.add(W, g.mul(certificate.feasible(), lr));
    } else {
      moved = solution.moved();
    }
    assign(g, p, retracts() ? retracted(g, p, moved) : moved);
  }

  /** The matrices that are on the manifold. */
  private MatrixView view(Parameter p) {
    return settings.byHead() ? MatrixView.heads(p) : MatrixView.whole(p);
  }

  /** W/s. */
  private Value point(GraphBuilder g, Parameter p) {
    double s = settings.radius();
    Value W = view(p).split(g, p.value(g));
    return s == 1 ? W : g.scale(W, 1 / s);
  }

  private void assign(GraphBuilder g, Parameter p, Value X) {
    double s = settings.radius();
    g.assign(p.variable(), view(p).join(g, s == 1 ? X : g.scale(X, s)));
  }

  private boolean retracts() {
    return settings.retractEvery() == 1;
  }

  private Value retracted(GraphBuilder g, Parameter p, Value X) {
    Shape shape = X.shape();
    if (ShortSide.length(shape) == 1) {
      return g.div(X, g.zip(Binary.MAX, Msign.norm(g, X), g.constant(LEAST_NORM)));
    }
    return isNear(p)
        ? Msign.retraction(g, X, retractionSteps(p))
        : Msign.retraction(g, Msign.record(g, X, FROM_AFAR), 1);
  }

  /** The largest |1 − σ| of what is retracted, at the highest learning rate. */
  private double excess(Parameter p) {
    double lr = rates.highest(p);
    if (!retracts()) {
      return lr * settings.retractEvery(); // nothing is tangent to where the steps between lead
    }
    boolean exact = !needsSolver(p) || settings.certify();
    return exact ? Math.sqrt(1 + lr * lr) - 1 : settings.solver().deviation(lr);
  }

  /** Whether the steps of the retraction converge soon; beyond σ = √(7/3) they do not at all. */
  private boolean isNear(Parameter p) {
    double e = excess(p);
    return after(e) <= 0.9 * e;
  }

  /** The steps that the matrices of a parameter need at their highest learning rate. */
  int retractionSteps(Parameter p) {
    double e = excess(p);
    int steps = 1;
    while (steps < MOST_RETRACTION_STEPS && !(after(e) <= settings.constraintTolerance())) {
      e = after(e);
      steps++;
    }
    return steps;
  }

  /** |1 − σ| after a step on σ = 1 ± e, at most: (15σ − 10σ³ + 3σ⁵)/8 = 1 + 2.5e³ + …. */
  private static double after(double e) {
    return e * e * e * (2.5 + e * (1.875 + e * 0.375));
  }

  @Override
  public void recordRetraction(GraphBuilder g) {
    each(g, p -> assign(g, p, retracted(g, p, point(g, p))));
  }

  @Override
  public boolean retractionDue(long step) {
    return !retracts() && (step + 1) % settings.retractEvery() == 0;
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
  }

  @Override
  public List<StateVariable> state() {
    List<StateVariable> state = new ArrayList<>();
    for (Parameter p : parameters()) {
      state.add(momentumOf(p));
      if (needsSolver(p)) {
        settings.solver().state().forEach(which -> state.add(solverState(which, p)));
      }
    }
    return List.copyOf(state);
  }

  /** max|WᵀW/s² − I| of every matrix. */
  @Override
  public List<Constraint> constraints() {
    return parameters().stream().map(this::constraint).toList();
  }

  private Constraint constraint(Parameter p) {
    int stack = view(p).shape().rank() - 2;
    return new Constraint(
        name(),
        "stiefel",
        p,
        settings.residualTolerance(),
        g -> g.maxAbs(deviation(g, p), stack),
        Optional.of(g -> SpectralBound.record(g, deviation(g, p), SPREAD_SQUARINGS)));
  }

  /** WᵀW/s² − I. */
  private Value deviation(GraphBuilder g, Parameter p) {
    Value W = view(p).split(g, p.value(g));
    Value R = ShortSide.of(g, W.shape()).gram(W);
    double scale = 1 / (settings.radius() * settings.radius());
    return g.weightedSum(scale, R, 0, R, -1);
  }

  /** The solve of every parameter for its momentum, from the solver's state. */
  @Override
  public List<Solve> solves() {
    return parameters().stream()
        .map(p -> new Solve(name(), solverOf(p), p, g -> certificate(g, p)))
        .toList();
  }

  private StiefelProblem problem(GraphBuilder g, Value W, Value gradient, Value lr) {
    return new StiefelProblem(g, W, gradient, lr, settings.polar(), settings.solver().splits());
  }

  private boolean needsSolver(Parameter p) {
    return StiefelProblem.needsSolver(view(p).shape());
  }

  private String solverOf(Parameter p) {
    return needsSolver(p) ? settings.solver().name() : Solve.EXACT;
  }

  private Certificate certificate(GraphBuilder g, Parameter p) {
    Value B = view(p).split(g, momentumOf(p).value(g));
    StiefelProblem problem = problem(g, point(g, p), B, g.constant(rates.highest(p)));
    StiefelSolver.Memory memory = (which, next) -> next.apply(solverState(which, p).value(g));
    return Certificate.quick(problem, problem.solve(settings.solver(), memory));
  }

  /** The beginning of the names of a parameter's outputs, for {@link SolverReport#read}. */
  public String reportPrefix(Parameter p) {
    return stateName("solver", p);
  }

  private StateVariable solverState(String which, Parameter p) {
    Shape stack = view(p).shape();
    int k = ShortSide.length(stack);
    Shape shape = stack.prefix(stack.rank() - 2).append(k, k);
    return new StateVariable(stateName(which, p), Type.real(shape));
  }
}
