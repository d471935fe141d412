package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;
import java.util.List;
import java.util.Optional;

/**
 * Steepest descent of unit vectors w along the sphere, each by a step of the same length:
 *
 * <pre>
 *   b ← βb + (1−β)g      u = b, or (1−β)g + βb with Nesterov
 *   t = u − w(wᵀu)       a = t/‖t‖
 *   w ← (w − η·a)/‖w − η·a‖            straight
 *   w ← w·cos η − a·sin η              along the great circle
 * </pre>
 *
 * The straight step by η is the circular one by atan η. A vector without a gradient in this step
 * stays, and so does one whose u has next to no tangent part (10⁻⁶ of it): a step of full length
 * along rounding would be noise.
 *
 * <p>For a parameter {@code w} the momentum is the variable {@code sphere.b.w}, with the
 * optimizer's name in place of {@code sphere}.
 *
 * <p><b>Error</b> | ‖w‖ − 1 | ≤ 2e-7 in float32 after every step.
 *
 * <p><b>Source</b> Bernstein 2025, "Modular Manifolds", section 2.
 */
public final class HypersphereMuon extends MatrixOptimizer {

  private final HypersphereSettings settings;

  /** An optimizer whose parameters all learn at the same rate. */
  public HypersphereMuon(
      String name, List<Parameter> parameters, HypersphereSettings settings, LrSchedule schedule) {
    this(name, parameters, settings, schedule, LrScaling.NONE);
  }

  /**
   * An optimizer of the given parameters.
   *
   * @param name the beginning of the names of its inputs and state
   * @throws IllegalArgumentException if the rows of a single matrix have rates of their own and are
   *     not its vectors
   */
  public HypersphereMuon(
      String name,
      List<Parameter> parameters,
      HypersphereSettings settings,
      LrSchedule schedule,
      LrScaling scaling) {
    super(name, parameters, settings.lr(), schedule, scaling);
    this.settings = settings;
    rates.requireOneForEachMatrix(p -> mode(p) != SphereMode.PER_ROW);
  }

  @Override
  void step(GraphBuilder g, Parameter p, Value gradient) {
    UnitVectors v = vectors(g, p);
    Value w = p.value(g);
    Momentum momentum = new Momentum(g.scalarInput(input("momentum")), settings.nesterov());
    Value u = momentum.record(g, gradient, momentumOf(p));
    Value t = v.tangent(w, u);
    Value square = v.dot(t, t);
    Value moves = g.mul(v.moves(square, u), Masks.positive(g, v.dot(gradient, gradient)));
    Value a = v.times(t, g.div(moves, v.length(square)));
    Value kept = settings.geodesic() ? g.mul(w, rates.record(g, "cos", p)) : w;
    Value next = g.sub(kept, g.mul(a, rates.record(g, "length", p)));
    g.assign(p.variable(), v.normalized(next));
  }

  /** The model's own unit vectors where it has some, else those of the settings. */
  private SphereMode mode(Parameter p) {
    return p.unitVectors().orElse(settings.mode());
  }

  private UnitVectors vectors(GraphBuilder g, Parameter p) {
    return new UnitVectors(g, mode(p), p.shape());
  }

  @Override
  public void recordRetraction(GraphBuilder g) {
    each(g, p -> g.assign(p.variable(), vectors(g, p).normalized(p.value(g))));
  }

  @Override
  public void writeInputs(Program program, long step) {
    program.write(input("momentum"), Tensor.scalar(settings.momentum()));
    rates.write(program, "length", step, lr -> settings.geodesic() ? Math.sin(lr) : lr);
    if (settings.geodesic()) {
      rates.write(program, "cos", step, Math::cos);
    }
  }

  @Override
  public List<StateVariable> state() {
    return parameters().stream().map(this::momentumOf).toList();
  }

  /** | ‖w‖ − 1 | of every vector. */
  @Override
  public List<Constraint> constraints() {
    return parameters().stream()
        .map(
            p ->
                new Constraint(
                    name(),
                    "sphere",
                    p,
                    UnitVectors.TOLERANCE,
                    g -> vectors(g, p).residual(p.value(g)),
                    Optional.empty()))
        .toList();
  }
}
