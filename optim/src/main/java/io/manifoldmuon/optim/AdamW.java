package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.linalg.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Adam with bias correction and decoupled weight decay; the formula is {@link Op.AdamW}'s. Weight
 * decay acts on matrices only: parameters of role {@link Role#GAIN} and vectors have none. Cautious
 * decay acts where the first moment, which has the sign of the update, does not pull away from
 * zero.
 *
 * <p>For a parameter {@code w} the moments are the variables {@code adamw.m.w} and {@code
 * adamw.v.w}, with the name of the optimizer in place of {@code adamw} where it has another.
 *
 * <p><b>Source</b> Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2; Chen et al. 2025,
 * arXiv 2510.12402, for cautious decay.
 */
public final class AdamW implements Optimizer {
  private final String name;
  private final List<Parameter> parameters;
  private final AdamWSettings settings;
  private final LearningRates rates;

  /** An optimizer named {@code adamw}. */
  public AdamW(List<Parameter> parameters, AdamWSettings settings, LrSchedule schedule) {
    this("adamw", parameters, settings, schedule);
  }

  /** An optimizer whose parameters all learn at the same rate. */
  public AdamW(
      String name, List<Parameter> parameters, AdamWSettings settings, LrSchedule schedule) {
    this(name, parameters, settings, schedule, LrScaling.NONE);
  }

  /**
   * An optimizer of the given parameters.
   *
   * @param name the beginning of the names of its inputs and state
   */
  public AdamW(
      String name,
      List<Parameter> parameters,
      AdamWSettings settings,
      LrSchedule schedule,
      LrScaling scaling) {
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
    Gradients.require(this, gradients);
    g.phase(Phase.OPTIMIZER, () -> g.scope(name, () -> recordAll(g, gradients, gradScale)));
  }

  private void recordAll(GraphBuilder g, Map<Parameter, Value> gradients, Value gradScale) {
    for (Parameter p : parameters) {
      StateVariable m = moment("m", p);
      StateVariable v = moment("v", p);
      Value w = p.value(g);
      Value lr = rates.record(g, p);
      boolean single = lr.shape().rank() == 0; // which is all that the op takes
      var next =
          g.adamW(
              w,
              gradients.get(p),
              m.value(g),
              v.value(g),
              scalars(g, p, gradScale, single ? lr : g.constant(1)));
      Value moved = single ? next.parameter() : g.sub(w, g.mul(g.sub(w, next.parameter()), lr));
      g.assign(p.variable(), cautiouslyDecayed(g, p, moved, next.m(), lr));
      g.assign(m.name(), next.m());
      g.assign(v.name(), next.v());
    }
  }

  private GraphBuilder.AdamWScalars scalars(
      GraphBuilder g, Parameter p, Value gradScale, Value lr) {
    return new GraphBuilder.AdamWScalars(
        gradScale,
        lr,
        g.scalarInput(input("beta1")),
        g.scalarInput(input("beta2")),
        g.scalarInput(input("epsilon")),
        decays(p) && !settings.cautious() ? g.scalarInput(input("decay")) : g.constant(0),
        g.scalarInput(input("step")));
  }

  private Value cautiouslyDecayed(GraphBuilder g, Parameter p, Value moved, Value m, Value lr) {
    if (!decays(p) || !settings.cautious()) {
      return moved;
    }
    Value delta = g.mul(lr, g.scalarInput(input("decay")));
    return g.sub(moved, WeightDecay.cautiousPart(g, p.value(g), m, delta));
  }

  /** Whether weight decay acts on a parameter. */
  static boolean decays(Parameter p) {
    return p.role() != Role.GAIN && p.shape().rank() >= 2;
  }

  @Override
  public void writeInputs(Program program, long step) {
    rates.write(program, step);
    program.write(input("beta1"), Tensor.scalar(settings.beta1()));
    program.write(input("beta2"), Tensor.scalar(settings.beta2()));
    program.write(input("epsilon"), Tensor.scalar(settings.epsilon()));
    program.write(input("step"), Tensor.scalar(step + 1.0));
    if (parameters.stream().anyMatch(AdamW::decays)) { // else the input is not part of the graph
      program.write(input("decay"), Tensor.scalar(settings.weightDecay()));
    }
  }

  @Override
  public List<StateVariable> state() {
    List<StateVariable> state = new ArrayList<>();
    for (Parameter p : parameters) {
      state.add(moment("m", p));
      state.add(moment("v", p));
    }
    return List.copyOf(state);
  }

  @Override
  public double learningRate(long step) {
    return rates.at(step);
  }

  private String input(String scalar) {
    return name + "." + scalar;
  }

  private StateVariable moment(String which, Parameter p) {
    return new StateVariable(name + "." + which + "." + p.variable(), p.type());
  }
}
