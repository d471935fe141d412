package io.manifoldmuon.linalg.polar;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.ShapeException;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;

/**
 * Records products of stacks of matrices X, Y […, m, n] as if they were tall. A wide matrix (m &lt;
 * n) stands for its transpose, and the transpose flags of the products take care of it, so that
 * formulas are written once, for tall matrices, with k the short side:
 *
 * <pre>
 *             tall, m ≥ n     wide, m &lt; n     shape
 *   gram(X)   XᵀX             XXᵀ             […, k, k]
 *   inner     XᵀY             XYᵀ             […, k, k]
 *   times     X·S             Sᵀ·X            […, m, n], S […, k, k]
 * </pre>
 *
 * @param g the recording
 * @param wide whether matrices are wide
 */
public record ShortSide(GraphBuilder g, boolean wide) {

  /**
   * For matrices of that shape.
   *
   * @throws ShapeException if it has fewer than two dimensions
   */
  public static ShortSide of(GraphBuilder g, Shape shape) {
    if (shape.rank() < 2) {
      throw new ShapeException(
          "matrices: shape " + shape + " given, wanted [m, n] or a stack […, m, n]");
    }
    return new ShortSide(g, shape.dim(-2) < shape.dim(-1));
  }

  /** The length k of the short side. */
  public static int length(Shape shape) {
    return Math.min(shape.dim(-2), shape.dim(-1));
  }

  /** XᵀX of the tall X. */
  public Value gram(Value X) {
    return g.gram(X, wide);
  }

  /** XᵀY of the tall X and Y. */
  public Value inner(Value X, Value Y) {
    return g.matMul(X, Y, !wide, wide);
  }

  /** X·S of the tall X. */
  public Value times(Value X, Value S) {
    return wide ? g.matMulTN(S, X) : g.matMul(X, S);
  }
}
