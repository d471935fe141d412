package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import java.util.List;

/**
 * How far an engine may be from the reference, in one place:
 *
 * <pre>  |got − want| ≤ (C + c·√n) · s · u/2⁻²⁴ + smallest normal float32 </pre>
 *
 * with s the root mean square change of that element when every value of the graph is rounded once
 * to float32 ({@link Rounding}); u the engine's unit roundoff; n the length of the longest sum in
 * the graph, whose partial sums round too, with errors that grow √n beyond those of its terms when
 * it is added up one by one; C = {@value #FACTOR} for a few roundings inside an op, elementary
 * functions good to some units in the last place, and the step from a root mean square to a
 * maximum; c = {@value #SUM_FACTOR}.
 */
final class Tolerances {
  /** The C above. */
  static final double FACTOR = 12;

  /** The c above. */
  static final double SUM_FACTOR = 4;

  /** The unit roundoff of float32. */
  static final double FLOAT = 0x1.0p-24;

  /** A directional finite difference of fourth order in float64, relative to Σ|g·d|. */
  static final double FINITE_DIFFERENCE = 1e-7;

  private Tolerances() {}

  /** The tolerance of one element of sensitivity {@code s} in a graph of sums of length n. */
  static double element(double s, int n, double unitRoundoff) {
    double factor = FACTOR + SUM_FACTOR * Math.sqrt(n);
    return factor * s * (unitRoundoff / FLOAT) + Float.MIN_NORMAL;
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

  /** The length of the longest sum in a graph. */
  static int longestSum(Graph graph) {
    int longest = 1;
    for (Node n : graph.nodes()) {
      List<Shape> in = n.inputs().stream().map(v -> graph.type(v).shape()).toList();
      longest = Math.max(longest, sumLength(n.op(), in));
    }
    return longest;
  }

  private static int sumLength(Op op, List<Shape> in) {
    return switch (op) {
      case Op.Sum o -> in.get(0).size() / o.shape().size();
      case Op.Dot o -> in.get(0).suffix(o.keep()).size();
      case Op.MatMul o -> in.get(0).dim(o.transposeA() ? -2 : -1);
      case Op.Gram o -> in.get(0).dim(o.rows() ? -1 : -2);
      case Op.SymmetricMatMul _ -> in.get(0).dim(-1);
      case Op.Svd _ -> Math.max(in.get(0).dim(-2), in.get(0).dim(-1));
      case Op.GroupedMatMul _ -> in.get(0).dim(1);
      case Op.GroupedOuter _ -> in.get(0).dim(0);
      case Op.RmsNorm _ -> in.get(0).dim(1);
      case Op.RmsNormBackward _ -> Math.max(in.get(0).dim(0), in.get(0).dim(1));
      case Op.Softmax _, Op.SoftmaxBackward _, Op.LogSumExp _ -> in.get(0).dim(-1);
      case Op.CrossEntropy _, Op.CrossEntropyBackward _ -> in.get(0).dim(-1);
      case Op.EmbeddingBackward _ -> in.get(1).size();
      case Op.CausalAttention _ -> Math.max(in.get(0).dim(1), in.get(0).dim(2));
      case Op.CausalAttentionBackward _ -> Math.max(in.get(1).dim(1), in.get(1).dim(2));
      case Op.TakeColumnsBackward _ -> in.get(0).dim(1);
      case Op.SumTokens o -> o.k();
      case Op.CombineTokens _ -> in.get(1).dim(1);
      case Op.CombineTokensBackward _ -> in.get(0).dim(1);
      case Op.Variable _, Op.Input _, Op.Fill _, Op.GaussianNoise _, Op.RoundRobin _ -> 1;
      case Op.Reshape _, Op.Slice _, Op.Concat _, Op.Expand _, Op.Assign _ -> 1;
      case Op.Map _, Op.MapBackward _, Op.Zip _, Op.Embedding _, Op.Rope _, Op.AdamW _ -> 1;
      case Op.Lerp _, Op.WeightedSum _, Op.MaxAbs _, Op.AddTransposed _ -> 1;
      case Op.TopK _, Op.TakeColumns _, Op.Dispatch _, Op.Counts _, Op.GatherTokens _ -> 1;
    };
  }

  /** Whether {@code got} is near {@code want}; NaN is not, and the reference must be finite. */
  static boolean close(double got, double want, double tolerance) {
    if (!Double.isFinite(want)) {
      throw new IllegalArgumentException("the reference is not finite: " + want);
    }
    return Math.abs(got - want) <= tolerance;
  }
}
