package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;
import java.util.List;
import java.util.Map;

/**
 * Leaves its parameters as they are, also where a model wants unit vectors. Their gradients still
 * count in the norm that clipping looks at.
 */
public final class Frozen implements Optimizer {
  private final String name;
  private final List<Parameter> parameters;

  /** An optimizer that changes none of the given parameters. */
  public Frozen(String name, List<Parameter> parameters) {
    this.name = name;
    this.parameters = List.copyOf(parameters);
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
  public List<Parameter> frozen() {
    return parameters;
  }

  @Override
  public void record(GraphBuilder g, Map<Parameter, Value> gradients, Value gradScale) {
    Gradients.require(this, gradients);
  }

  @Override
  public void writeInputs(Program program, long step) {
    // It has none.
  }

  @Override
  public List<StateVariable> state() {
    return List.of();
  }

  @Override
  public double learningRate(long step) {
    return 0;
  }
}
