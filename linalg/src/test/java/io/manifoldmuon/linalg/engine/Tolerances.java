package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;

/**
 * How far an engine may be from the reference, in one place:
 *
 * <pre>  |got − want| ≤ C · √n · s · u/2⁻²⁴ + smallest normal float32 </pre>
 *
 * with s the root mean square change of that element when every value of the graph is rounded once
 * to float32 ({@link Rounding}), n the length of the longest sum in the graph (errors of partial
 * sums grow with √n beyond those of its terms), u the engine's unit roundoff and C = {@value
 * #FACTOR}: a few roundings inside an op, elementary functions good to some units in the last
 * place, and the difference between a root mean square and a maximum.
 */
final class Tolerances {
  /** The C above. */
  static final double FACTOR = 12;

  /** The unit roundoff of float32. */
  static final double FLOAT = 0x1.0p-24;

  /** A directional finite difference of fourth order in float64, relative to Σ|g·d|. */
  static final double FINITE_DIFFERENCE = 1e-7;

  private Tolerances() {}

  /** The tolerance of one element of sensitivity {@code s} in a graph of sums of length n. */
  static double element(double s, int n, double unitRoundoff) {
    return FACTOR * Math.sqrt(n) * s * (unitRoundoff / FLOAT) + Float.MIN_NORMAL;
  }

  /** Whether a graph only moves elements, so that its results are exact. */
  static boolean isExact(Graph graph) {
    return graph.nodes().stream().allMatch(n -> isExact(n.op()));
  }

  private static boolean isExact(Op op) {
    return switch (op) {
      case Op.Input _, Op.Variable _, Op.Reshape _, Op.Slice _, Op.Concat _, Op.Expand _ -> true;
      case Op.Embedding _, Op.TakeColumns _, Op.GatherTokens _, Op.Counts _ -> true;
      default -> false;
    };
  }

  /** The length of the longest sum in a graph, or a bound of it. */
  static int longestSum(Graph graph) {
    int longest = 1;
    for (Node n : graph.nodes()) {
      for (int v : n.inputs()) {
        Shape in = graph.type(v).shape();
        int length =
            switch (n.op()) {
              case Op.Sum o -> in.size() / o.shape().size();
              case Op.Dot o -> in.suffix(o.keep()).size();
              default -> largestDimension(in);
            };
        longest = Math.max(longest, length);
      }
    }
    return longest;
  }

  private static int largestDimension(Shape shape) {
    int largest = 1;
    for (int d : shape.toArray()) {
      largest = Math.max(largest, d);
    }
    return largest;
  }

  /** Whether {@code got} is near {@code want}; NaN is not, and the reference must be finite. */
  static boolean close(double got, double want, double tolerance) {
    if (!Double.isFinite(want)) {
      throw new IllegalArgumentException("the reference is not finite: " + want);
    }
    return Math.abs(got - want) <= tolerance;
  }
}
