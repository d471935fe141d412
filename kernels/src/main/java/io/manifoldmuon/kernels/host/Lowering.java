package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.engine.StoragePlan.Scratch;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Which kernels compute an op, with how much memory of their own, and over which inputs. */
final class Lowering {
  private static final int[][] NONE = {};
  private static final int[][] FIRST = {{0, 0}};
  private static final int[][] FIRST_OR_SECOND = {{0, 0}, {0, 1}};
  private static final int[][] SECOND_OR_FIRST = {{0, 1}, {0, 0}};
  private static final int[][] ADAMW = {{0, 0}, {1, 2}, {2, 3}};

  private Lowering() {}

  /** The launches of a node, in order; none where the memory plan has made it superfluous. */
  static List<Launch> lower(Operands in, ProductLaunches products) {
    return switch (in.node().op()) {
      case Op.Variable _, Op.Input _, Op.Fill _, Op.Reshape _, Op.Slice _ -> List.of();
      case Op.GaussianNoise o -> List.of(UpdateLaunches.noise(in, o));
      case Op.Concat _ -> ElementwiseLaunches.concat(in);
      case Op.Map o -> List.of(ElementwiseLaunches.map(in, o.f()));
      case Op.MapBackward o -> List.of(ElementwiseLaunches.mapBackward(in, o.f()));
      case Op.Zip o -> List.of(ElementwiseLaunches.zip(in, o));
      case Op.Lerp _ -> List.of(ElementwiseLaunches.lerp(in));
      case Op.WeightedSum o -> List.of(ElementwiseLaunches.weightedSum(in, o));
      case Op.MaxAbs _ -> ReductionLaunches.maxAbs(in);
      case Op.Expand o -> List.of(ElementwiseLaunches.expand(in, o));
      case Op.Sum o -> ReductionLaunches.sum(in, o);
      case Op.Dot _ -> ReductionLaunches.dot(in);
      case Op.MatMul o -> products.matMul(in, o);
      case Op.Gram o -> products.gram(in, o);
      case Op.SymmetricMatMul _ -> products.symmetricMatMul(in);
      case Op.AddTransposed o -> List.of(ElementwiseLaunches.addTransposed(in, o));
      case Op.GroupedMatMul o -> List.of(products.groupedMatMul(in, o));
      case Op.GroupedOuter _ -> List.of(products.groupedOuter(in));
      case Op.RmsNorm o -> List.of(RowLaunches.rmsNorm(in, o.epsilon()));
      case Op.RmsNormBackward o -> RowLaunches.rmsNormBackward(in, o.epsilon());
      case Op.Softmax _ -> List.of(RowLaunches.softmax(in));
      case Op.SoftmaxBackward _ -> List.of(RowLaunches.softmaxBackward(in));
      case Op.LogSumExp _ -> List.of(RowLaunches.logSumExp(in.in(0), in.out(0)));
      case Op.Embedding _ -> List.of(TokenLaunches.embedding(in));
      case Op.EmbeddingBackward o ->
          TokenLaunches.embeddingBackward(in, o.vocabulary(), products.kernels());
      case Op.Rope o -> List.of(AttentionLaunches.rope(in, o));
      case Op.CausalAttention o -> List.of(AttentionLaunches.forward(in, o, products.kernels()));
      case Op.CausalAttentionBackward o -> AttentionLaunches.backward(in, o, products.kernels());
      case Op.CrossEntropy _ -> RowLaunches.crossEntropy(in);
      case Op.CrossEntropyBackward _ -> List.of(RowLaunches.crossEntropyBackward(in));
      case Op.TopK o -> RoutingLaunches.topK(in, o.k());
      case Op.RoundRobin o -> List.of(RoutingLaunches.roundRobin(in, o.experts()));
      case Op.TakeColumns _ -> List.of(RoutingLaunches.takeColumns(in));
      case Op.TakeColumnsBackward o ->
          List.of(RoutingLaunches.takeColumnsBackward(in, o.columns()));
      case Op.Dispatch o -> RoutingLaunches.dispatch(in, o.experts(), products.kernels());
      case Op.Counts _ -> List.of(RoutingLaunches.counts(in));
      case Op.GatherTokens o -> List.of(TokenLaunches.gather(in, o));
      case Op.SumTokens o -> List.of(TokenLaunches.sum(in, o));
      case Op.CombineTokens _ -> List.of(TokenLaunches.combine(in));
      case Op.CombineTokensBackward _ -> List.of(TokenLaunches.combineBackward(in));
      case Op.AdamW _ -> UpdateLaunches.adamW(in);
      case Op.Svd _ -> SingularLaunches.svd(in);
      case Op.Assign _ -> ElementwiseLaunches.copy(in.in(1), in.out(0));
    };
  }

  /**
   * Pairs of (output, input) that may share storage: where a kernel's work-item reads an element,
   * or its row, before it writes it, and no other kernel of the op reads it afterwards.
   */
  static int[][] inPlace(Op op) {
    return switch (op) {
      case Op.Map _, Op.Softmax _, Op.RmsNorm _, Op.Rope _, Op.CrossEntropyBackward _ -> FIRST;
      // the second operand of a polynomial is the square, which ProductFusion makes it with
      case Op.WeightedSum _ -> SECOND_OR_FIRST;
      case Op.Lerp _, Op.Zip _, Op.MapBackward _, Op.SoftmaxBackward _ -> FIRST_OR_SECOND;
      case Op.AdamW _ -> ADAMW;
      default -> NONE;
    };
  }

  /** The memory that a node's kernels need besides its operands. */
  static List<Scratch> scratch(Node n, IntFunction<Shape> shapes) {
    IntFunction<Shape> in = i -> shapes.apply(n.inputs().get(i));
    IntFunction<Shape> out = i -> shapes.apply(n.outputs().get(i));
    return switch (n.op()) {
      case Op.Sum o -> reals(sumScratch(o, in.apply(0)));
      case Op.Dot _, Op.MaxAbs _ -> {
        int rows = out.apply(0).size();
        yield reals(ReductionLaunches.rowScratch(rows, in.apply(0).size() / rows));
      }
      case Op.RmsNormBackward _ -> {
        Shape x = in.apply(1);
        yield reals(x.dim(0), ReductionLaunches.columnScratch(x.dim(0), x.dim(1)));
      }
      case Op.CausalAttentionBackward _ -> reals(in.apply(3).size());
      case Op.AdamW _ -> reals(UpdateLaunches.SCALARS);
      case Op.Dispatch o -> integers(RoutingLaunches.bins(in.apply(0).size(), o.experts()));
      case Op.EmbeddingBackward o -> {
        int rows = in.apply(1).size();
        yield integers(RoutingLaunches.bins(rows, o.vocabulary()), rows, o.vocabulary() + 1);
      }
      default -> List.of();
    };
  }

  private static int sumScratch(Op.Sum o, Shape x) {
    int rest = x.size() / o.shape().size();
    return ReductionLaunches.isOfColumns(o)
        ? ReductionLaunches.columnScratch(rest, o.shape().size())
        : ReductionLaunches.rowScratch(o.shape().size(), rest);
  }

  private static List<Scratch> reals(int... elements) {
    return parts(DType.REAL, elements);
  }

  private static List<Scratch> integers(int... elements) {
    return parts(DType.INT, elements);
  }

  private static List<Scratch> parts(DType dtype, int... elements) {
    return IntStream.of(elements).filter(n -> n > 0).mapToObj(n -> new Scratch(dtype, n)).toList();
  }
}
