package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import java.util.List;
import java.util.Map;

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
public final class HypersphereMuon implements Optimizer {
  private static final double LEAST_TANGENT = 1e-6;
  private static final double LEAST_NORM = 1e-18;

  private final String name;
  private final List<Parameter> parameters;
  private final HypersphereSettings settings;
  private final LearningRates rates;

  /** An optimizer whose parameters all learn at the same rate. */
  public HypersphereMuon(
      String name, List<Parameter> parameters, HypersphereSettings settings, LrSchedule schedule) {
    this(name, parameters, settings, schedule, LrScaling.NONE);
  }

  /**
   * An optimizer of the given parameters.
   *
   * @param name the beginning of the names of its inputs and state
   */
  public HypersphereMuon(
      String name,
      List<Parameter> parameters,
      HypersphereSettings settings,
      LrSchedule schedule,
      LrScaling scaling) {
    Gradients.requireMatrices(name, parameters);
    this.name = name;
    this.parameters = List.copyOf(parameters);
    this.settings = settings;
    this.rates = new LearningRates(name, this.parameters, settings.lr(), schedule, scaling);
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
    UnitVectors v = new UnitVectors(g, settings.mode(), p.shape());
    Value w = p.value(g);
    Value d = g.mul(gradient, gradScale);
    Momentum momentum = new Momentum(g.scalarInput(input("momentum")), settings.nesterov());
    Value u = momentum.record(g, d, momentumOf(p));
    Value t = g.sub(u, v.times(w, v.dot(w, u)));
    Value square = v.dot(t, t);
    Value least = g.scale(v.dot(u, u), LEAST_TANGENT * LEAST_TANGENT);
    Value moves = g.mul(positive(g, g.sub(square, least)), positive(g, v.dot(d, d)));
    Value a = v.times(t, g.div(moves, root(g, square)));
    Value kept = settings.geodesic() ? g.mul(w, rates.record(g, "cos", p)) : w;
    Value next = g.sub(kept, g.mul(a, rates.record(g, "length", p)));
    Value inverse = g.map(Unary.RECIPROCAL, root(g, v.dot(next, next)));
    g.assign(p.variable(), v.times(next, inverse));
  }

  /** 1 where x is positive, else 0; NaN stays. */
  private static Value positive(GraphBuilder g, Value x) {
    return g.map(Unary.SIGN, g.zip(Binary.MAX, x, g.constant(0)));
  }

  private static Value root(GraphBuilder g, Value square) {
    return g.zip(Binary.MAX, g.map(Unary.SQRT, square), g.constant(LEAST_NORM));
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
    return parameters.stream().map(this::momentumOf).toList();
  }

  /** | ‖w‖ − 1 | of every vector. */
  @Override
  public List<Constraint> constraints() {
    return parameters.stream()
        .map(p -> new Constraint(name, "sphere", p, g -> residual(g, p)))
        .toList();
  }

  private Value residual(GraphBuilder g, Parameter p) {
    UnitVectors v = new UnitVectors(g, settings.mode(), p.shape());
    Value w = p.value(g);
    Value length = g.map(Unary.SQRT, v.dot(w, w));
    return g.map(Unary.ABS, g.sub(length, g.constant(1)));
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
}
