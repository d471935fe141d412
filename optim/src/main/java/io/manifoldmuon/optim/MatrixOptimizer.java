package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.linalg.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * An optimizer of matrices that steps each of its parameters by the same recording, with a momentum
 * of the parameter's shape. For a parameter {@code w} the momentum is the variable {@code
 * NAME.b.w}.
 */
abstract sealed class MatrixOptimizer implements Optimizer
    permits Muon, StiefelMuon, HypersphereMuon {
  private final String name;
  private final List<Parameter> parameters;
  final LearningRates rates;

  MatrixOptimizer(
      String name, List<Parameter> parameters, double lr, LrSchedule schedule, LrScaling scaling) {
    Gradients.requireMatrices(name, parameters);
    this.name = name;
    this.parameters = List.copyOf(parameters);
    this.rates = new LearningRates(name, this.parameters, lr, schedule, scaling);
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final List<Parameter> parameters() {
    return parameters;
  }

  @Override
  public final void record(GraphBuilder g, Map<Parameter, Value> gradients, Value gradScale) {
    Gradients.require(this, gradients);
    each(g, p -> step(g, p, g.mul(gradients.get(p), gradScale)));
  }

  /** Records something for every parameter under the phase and the parameter's name. */
  final void each(GraphBuilder g, Consumer<Parameter> recording) {
    g.phase(
        Phase.OPTIMIZER,
        () ->
            g.scope(
                name,
                () -> parameters.forEach(p -> g.scope(p.variable(), () -> recording.accept(p)))));
  }

  /**
   * Records the step of one parameter.
   *
   * @param gradient its gradient, averaged and clipped
   */
  abstract void step(GraphBuilder g, Parameter p, Value gradient);

  @Override
  public final double learningRate(long step) {
    return rates.at(step);
  }

  /** The name of a scalar input. */
  final String input(String scalar) {
    return name + "." + scalar;
  }

  /** A variable that belongs to a parameter. */
  final String stateName(String which, Parameter p) {
    return name + "." + which + "." + p.variable();
  }

  final StateVariable momentumOf(Parameter p) {
    return new StateVariable(stateName("b", p), p.type());
  }
}
