package io.manifoldmuon.linalg.graph;

import java.util.List;

/**
 * One recorded operation.
 *
 * @param op what is computed
 * @param inputs the ids of the values it reads, in the order of the op's documentation
 * @param outputs the ids of the values it produces
 * @param scope where in the model it stands, such as {@code layers.0.attn}; for messages
 * @param phase the part of the step that it is counted under
 */
public record Node(Op op, List<Integer> inputs, List<Integer> outputs, String scope, Phase phase) {

  public Node {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** The op's name and where it stands: {@code MatMul in layers.0.attn}. */
  public String where() {
    return scope.isEmpty() ? op.name() : op.name() + " in " + scope;
  }
}
