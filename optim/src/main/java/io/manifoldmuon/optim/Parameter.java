package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import java.util.Optional;

/**
 * A trained variable: a table or vector, or a stack of matrices of one shape and role, which an
 * optimizer treats one by one but in batched operations.
 *
 * @param variable the name of the engine's variable
 * @param shape its shape; the last two dimensions of a matrix role are [fanOut, fanIn], dimensions
 *     before them count the stack
 * @param role what it does in the model
 * @param depth the layers that its slices belong to
 * @param heads the heads that its matrices consist of
 * @param unitVectors the vectors that its model wants to have length 1, whatever steps them
 */
public record Parameter(
    String variable,
    Shape shape,
    Role role,
    Depth depth,
    Heads heads,
    Optional<SphereMode> unitVectors) {

  public Parameter {
    int slices = depth.of().size();
    if (slices > 0 && (shape.rank() == 0 || shape.dim(0) != slices)) {
      throw new IllegalArgumentException(
          "Parameter: "
              + variable
              + " "
              + shape
              + " with "
              + depth
              + " given, wanted one layer for"
              + " each slice along the first dimension");
    }
    heads.requireFit(variable, shape);
  }

  /** A parameter whose model leaves lengths alone. */
  public Parameter(String variable, Shape shape, Role role, Depth depth, Heads heads) {
    this(variable, shape, role, depth, heads, Optional.empty());
  }

  /** A parameter without heads. */
  public Parameter(String variable, Shape shape, Role role, Depth depth) {
    this(variable, shape, role, depth, Heads.NONE);
  }

  /** A parameter that belongs to no layer. */
  public Parameter(String variable, Shape shape, Role role) {
    this(variable, shape, role, Depth.NONE);
  }

  /** A matrix [fanOut, fanIn] between hidden layers, in the role of an attention matrix. */
  public static Parameter matrix(String variable, int fanOut, int fanIn) {
    return new Parameter(variable, Shape.of(fanOut, fanIn), Role.ATTENTION);
  }

  /** Shape and element type. */
  public Type type() {
    return Type.real(shape);
  }

  /** The variable's current value in a recording. */
  public Value value(GraphBuilder g) {
    return g.variable(variable, type());
  }
}
