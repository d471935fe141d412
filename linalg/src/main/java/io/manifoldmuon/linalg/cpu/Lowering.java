package io.manifoldmuon.linalg.cpu;

import static io.manifoldmuon.linalg.cpu.Memory.getInt;
import static io.manifoldmuon.linalg.cpu.Memory.set;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;

/** Turns each node into a kernel, or into nothing where the plan has made it superfluous. */
final class Lowering {
  private final Context c;
  private final ElementKernels elements;
  private final SumKernels sums;
  private final ProductKernels products;
  private final RowKernels rows;
  private final RoutingKernels routing;
  private final MatrixKernels matrices;
  private final LongUnaryOperator constants;

  /**
   * A lowering.
   *
   * @param constants allocates constant memory: floats → address
   */
  Lowering(Context c, LongUnaryOperator constants) {
    this.c = c;
    this.elements = new ElementKernels(c);
    this.sums = new SumKernels(c);
    this.products = new ProductKernels(c);
    this.rows = new RowKernels(c);
    this.routing = new RoutingKernels(c);
    this.matrices = new MatrixKernels(c);
    this.constants = constants;
  }

  /** The node's kernel, or null if there is nothing to do when the graph runs. */
  Kernel lower(Node n) {
    return switch (n.op()) {
      case Op.Variable _, Op.Input _, Op.Reshape _, Op.Slice _ -> null;
      case Op.Fill o -> fill(n, o);
      case Op.GaussianNoise o -> noise(n, o);
      case Op.Concat _ -> concat(n);
      case Op.Map o -> elements.map(n, o.f());
      case Op.MapBackward o -> elements.mapBackward(n, o.f());
      case Op.Zip o -> elements.zip(n, o);
      case Op.Lerp _ -> elements.lerp(n);
      case Op.WeightedSum o -> matrices.weightedSum(n, o);
      case Op.MaxAbs _ -> sums.maxAbs(n);
      case Op.Expand o -> elements.expand(n, o);
      case Op.Sum o -> sums.sum(n, o);
      case Op.Dot _ -> sums.dot(n);
      case Op.MatMul o -> products.matMul(n, o);
      case Op.Gram o -> matrices.gram(n, o);
      case Op.SymmetricMatMul _ -> matrices.symmetricMatMul(n);
      case Op.AddTransposed o -> matrices.addTransposed(n, o);
      case Op.Svd _ -> Singular.svd(c, n);
      case Op.GroupedMatMul o -> products.groupedMatMul(n, o);
      case Op.GroupedOuter o -> products.groupedOuter(n, o);
      case Op.RmsNorm o -> rows.rmsNorm(n, o);
      case Op.RmsNormBackward o -> rows.rmsNormBackward(n, o);
      case Op.Softmax _ -> rows.softmax(n);
      case Op.SoftmaxBackward _ -> rows.softmaxBackward(n);
      case Op.LogSumExp _ -> rows.logSumExp(n);
      case Op.Embedding _ -> rows.embedding(n);
      case Op.EmbeddingBackward o -> rows.embeddingBackward(n, o);
      case Op.Rope o -> rope(n, o);
      case Op.CausalAttention o -> rows.attention(n, o);
      case Op.CausalAttentionBackward o -> rows.attentionBackward(n, o);
      case Op.CrossEntropy _ -> rows.crossEntropy(n);
      case Op.CrossEntropyBackward _ -> rows.crossEntropyBackward(n);
      case Op.TopK o -> routing.topK(n, o);
      case Op.RoundRobin o -> routing.roundRobin(n, o);
      case Op.TakeColumns _ -> routing.takeColumns(n);
      case Op.TakeColumnsBackward o -> routing.takeColumnsBackward(n, o);
      case Op.Dispatch o -> routing.dispatch(n, o);
      case Op.Counts _ -> routing.counts(n);
      case Op.GatherTokens o -> routing.gatherTokens(n, o);
      case Op.SumTokens o -> routing.sumTokens(n, o);
      case Op.CombineTokens _ -> routing.combineTokens(n);
      case Op.CombineTokensBackward _ -> routing.combineTokensBackward(n);
      case Op.AdamW _ -> elements.adamW(n);
      case Op.Assign _ -> assign(n);
    };
  }

  // ---- leaves and layout --------------------------------------------------------------------

  private Kernel fill(Node n, Op.Fill o) {
    Elementwise.fill(c.out(n, 0), (float) o.value(), 0, o.shape().size());
    return null;
  }

  private Kernel noise(Node n, Op.GaussianNoise o) {
    long seed = c.in(n, 0);
    long y = c.out(n, 0);
    return c.elements(
        o.shape().size(),
        (from, to) -> {
          for (long i = from; i < to; i++) {
            set(y, i, (float) CounterRandom.gaussian(getInt(seed, 0), o.stream(), i));
          }
        });
  }

  private Kernel concat(Node n) {
    List<Kernel> copies = new ArrayList<>();
    long to = c.out(n, 0);
    for (int i = 0; i < n.inputs().size(); i++) {
      long count = c.inShape(n, i).size();
      if (c.in(n, i) != to) {
        copies.add(copy(c.in(n, i), to, count));
      }
      to += 4 * count;
    }
    return copies.isEmpty() ? null : () -> copies.forEach(Kernel::run);
  }

  private Kernel copy(long source, long target, long count) {
    return c.elements(
        count, (from, to) -> Memory.copy(source + 4 * from, target + 4 * from, to - from));
  }

  private Kernel assign(Node n) {
    long to = c.in(n, 0);
    long x = c.in(n, 1);
    return x == to ? null : copy(x, to, c.inShape(n, 0).size());
  }

  /** The table of angles is a constant of the program. */
  private Kernel rope(Node n, Op.Rope o) {
    Shape s = c.inShape(n, 0);
    int headSize = s.dim(2) / 3 / o.heads();
    long table = constants.applyAsLong(RopeTable.size(s.dim(1), headSize));
    RopeTable.fill(table, s.dim(1), headSize, o.base(), o.inverse());
    return rows.rope(n, o, table);
  }
}
