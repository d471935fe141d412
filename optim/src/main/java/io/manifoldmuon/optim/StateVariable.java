package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;

/**
 * A variable that training carries from step to step beside the parameters, such as a moment. It
 * starts at zero, and checkpoints keep it.
 *
 * @param name the name of the engine's variable
 * @param type shape and element type
 */
public record StateVariable(String name, Type type) {

  /** The variable's current value in a recording. */
  public Value value(GraphBuilder g) {
    return g.variable(name, type);
  }
}
