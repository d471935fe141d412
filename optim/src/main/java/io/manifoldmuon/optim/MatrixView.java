package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * A parameter as the stack of matrices that an optimizer of matrices sees: its own, or those of its
 * heads. Heads are blocks of rows, [n, H, fanOut/H, fanIn]; those of the inputs side are blocks of
 * rows of the transposed matrix, which have the same singular values.
 */
final class MatrixView {
  private final Parameter parameter;
  private final boolean byHead;

  private MatrixView(Parameter parameter, boolean byHead) {
    this.parameter = parameter;
    this.byHead = byHead;
  }

  /** The parameter's own matrices. */
  static MatrixView whole(Parameter parameter) {
    return new MatrixView(parameter, false);
  }

  /** The heads of a parameter that has several; else its own matrices. */
  static MatrixView heads(Parameter parameter) {
    return new MatrixView(parameter, parameter.heads().several());
  }

  /** The shape of the stack. */
  Shape shape() {
    Shape shape = parameter.shape();
    if (!byHead) {
      return shape;
    }
    int count = parameter.heads().count();
    return shape.prefix(shape.rank() - 2).append(count, shape.dim(-2) / count, shape.dim(-1));
  }

  /** The parameter's value, gradient or momentum as that stack. */
  Value split(GraphBuilder g, Value X) {
    return byHead ? g.reshape(turned(g, X), shape().toArray()) : X;
  }

  /** The stack as a value of the parameter. */
  Value join(GraphBuilder g, Value Y) {
    return byHead ? turned(g, g.reshape(Y, parameter.shape().toArray())) : Y;
  }

  /** The matrices whose heads divide the inputs, transposed; the others as they are. */
  private Value turned(GraphBuilder g, Value X) {
    List<Heads.Side> sides = parameter.heads().sides();
    if (!sides.contains(Heads.Side.INPUTS)) {
      return X;
    }
    int m = parameter.shape().dim(-2);
    int n = parameter.shape().dim(-1);
    List<Value> parts = new ArrayList<>();
    for (int from = 0; from < sides.size(); ) {
      int to = from + 1;
      while (to < sides.size() && sides.get(to) == sides.get(from)) {
        to++;
      }
      Value part = g.slice(X, from * m * n, to - from, m, n);
      parts.add(sides.get(from) == Heads.Side.INPUTS ? g.addTransposed(0, 1, part) : part);
      from = to;
    }
    return g.concat(parts, parameter.shape());
  }
}
