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
 * decay acts on matrices only: parameters of role {@link Role#GAIN} and vectors have none.
 *
 * <p>For a parameter {@code w} the moments are the variables {@code adamw.m.w} and {@code
 * adamw.v.w}, with the name of the optimizer in place of {@code adamw} where it has another.
 *
 * <p><b>Source</b> Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2.
 */
public final class AdamW implements Optimizer {
  private final String name;
  private final List<Parameter> parameters;
  private final AdamWSettings settings;
  private final LrSchedule schedule;

  /** An optimizer named {@code adamw}. */
  public AdamW(List<Parameter> parameters, AdamWSettings settings, LrSchedule schedule) {
    this("adamw", parameters, settings, schedule);
  }

  /**
   * An optimizer of the given parameters.
   *
   * @param name the beginning of the names of its inputs and state
   */
  public AdamW(
      String name, List<Parameter> parameters, AdamWSettings settings, LrSchedule schedule) {
    this.name = name;
    this.parameters = List.copyOf(parameters);
    this.settings = settings;
    this.schedule = schedule;
  }

  @Override
  public List<Parameter> parameters() {
    return parameters;
  }

  @Override
  public void record(GraphBuilder g, Map<Parameter, Value> gradients, Value gradScale) {
    Gradients.require(name, parameters, gradients);
    g.phase(Phase.OPTIMIZER, () -> g.scope(name, () -> recordAll(g, gradients, gradScale)));
  }

  private void recordAll(GraphBuilder g, Map<Parameter, Value> gradients, Value gradScale) {
    Value lr = g.scalarInput(input("lr"));
    Value beta1 = g.scalarInput(input("beta1"));
    Value beta2 = g.scalarInput(input("beta2"));
    Value epsilon = g.scalarInput(input("epsilon"));
    Value step = g.scalarInput(input("step"));
    Value decay = g.scalarInput(input("decay"));
    Value noDecay = g.constant(0);
    for (Parameter p : parameters) {
      StateVariable m = moment("m", p);
      StateVariable v = moment("v", p);
      var scalars =
          new GraphBuilder.AdamWScalars(
              gradScale, lr, beta1, beta2, epsilon, decays(p) ? decay : noDecay, step);
      var next = g.adamW(p.value(g), gradients.get(p), m.value(g), v.value(g), scalars);
      g.assign(p.variable(), next.parameter());
      g.assign(m.name(), next.m());
      g.assign(v.name(), next.v());
    }
  }

  /** Whether weight decay acts on a parameter. */
  static boolean decays(Parameter p) {
    return p.role() != Role.GAIN && p.shape().rank() >= 2;
  }

  @Override
  public void writeInputs(Program program, long step) {
    program.write(input("lr"), Tensor.scalar(learningRate(step)));
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
    return settings.lr() * schedule.factor(step);
  }

  private String input(String scalar) {
    return name + "." + scalar;
  }

  private StateVariable moment(String which, Parameter p) {
    return new StateVariable(name + "." + which + "." + p.variable(), p.type());
  }
}
