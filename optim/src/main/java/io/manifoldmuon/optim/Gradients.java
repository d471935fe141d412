package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The check of what an optimizer is handed. */
final class Gradients {
  private Gradients() {}

  /**
   * Throws unless there is a gradient for each of the parameters and no other, and all variables
   * have different names.
   */
  static void require(Optimizer optimizer, Map<Parameter, Value> gradients) {
    List<Parameter> parameters = optimizer.parameters();
    VariableNames.requireDistinct(optimizer.name(), parameters, optimizer.state());
    if (!gradients.keySet().equals(Set.copyOf(parameters))) {
      throw new IllegalArgumentException(
          optimizer.name()
              + ": gradients of "
              + gradients.keySet()
              + " given, wanted one for each of "
              + parameters);
    }
  }

  /** Throws unless every parameter is a matrix or a stack of matrices. */
  static void requireMatrices(String optimizer, List<Parameter> parameters) {
    for (Parameter p : parameters) {
      if (p.shape().rank() < 2) {
        throw new IllegalArgumentException(
            optimizer
                + ": parameter "
                + p
                + " given, wanted matrices [fanOut, fanIn] or stacks of them; give vectors to AdamW");
      }
    }
  }
}
