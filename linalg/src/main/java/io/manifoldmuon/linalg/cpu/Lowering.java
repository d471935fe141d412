package io.manifoldmuon.linalg.cpu;

import static io.manifoldmuon.linalg.cpu.Memory.get;
import static io.manifoldmuon.linalg.cpu.Memory.getInt;
import static io.manifoldmuon.linalg.cpu.Memory.set;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Unary;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;

/** Turns each node into a kernel, or into nothing where the plan has made it superfluous. */
final class Lowering {
  private final Context c;
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
      case Op.Map o -> map(n, o.f());
      case Op.MapBackward o -> mapBackward(n, o.f());
      case Op.Zip o -> zip(n, o);
      case Op.Lerp _ -> matrices.lerp(n);
      case Op.WeightedSum o -> matrices.weightedSum(n, o);
      case Op.MaxAbs _ -> maxAbs(n);
      case Op.Expand o -> expand(n, o);
      case Op.Sum o -> sum(n, o);
      case Op.Dot _ -> dot(n);
      case Op.MatMul o -> matMul(n, o);
      case Op.Gram o -> matrices.gram(n, o);
      case Op.SymmetricMatMul _ -> matrices.symmetricMatMul(n);
      case Op.AddTransposed o -> matrices.addTransposed(n, o);
      case Op.Svd _ -> Singular.svd(c, n);
      case Op.GroupedMatMul o -> groupedMatMul(n, o);
      case Op.GroupedOuter o -> groupedOuter(n, o);
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
      case Op.AdamW _ -> adamW(n);
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

  // ---- element by element -------------------------------------------------------------------

  private Kernel map(Node n, Unary f) {
    long x = c.in(n, 0);
    long y = c.out(n, 0);
    return c.elements(c.outShape(n, 0).size(), (from, to) -> Elementwise.map(f, x, y, from, to));
  }

  private Kernel mapBackward(Node n, Unary f) {
    long x = c.in(n, 0);
    long dy = c.in(n, 1);
    long dx = c.out(n, 0);
    return c.elements(
        c.outShape(n, 0).size(), (from, to) -> Elementwise.mapBackward(f, x, dy, dx, from, to));
  }

  private Kernel zip(Node n, Op.Zip o) {
    long a = c.in(n, 0);
    long b = c.in(n, 1);
    long y = c.out(n, 0);
    Binary f = o.f();
    long size = c.inShape(n, 0).size();
    long small = c.inShape(n, 1).size();
    if (small == size) {
      return c.elements(size, (from, to) -> Elementwise.zip(f, a, b, y, from, to));
    }
    if (small == 1) {
      return c.elements(size, (from, to) -> Elementwise.zipScalar(f, a, get(b, 0), y, from, to));
    }
    return switch (o.align()) {
      case PREFIX -> zipRows(f, a, b, y, small, size / small);
      case SUFFIX -> {
        int width = (int) small;
        yield c.rows(
            (int) (size / width),
            width,
            (from, to) -> {
              for (long r = from; r < to; r++) {
                long at = 4 * r * width;
                Elementwise.zip(f, a + at, b, y + at, 0, width);
              }
            });
      }
    };
  }

  /**
   * One b for each of {@code count} runs of {@code length} elements, whatever their proportions.
   */
  private Kernel zipRows(Binary f, long a, long b, long y, long count, long length) {
    return c.elements(
        count * length,
        (from, to) -> {
          for (long i = from; i < to; ) {
            long stop = Math.min(to, (i / length + 1) * length);
            Elementwise.zipScalar(f, a, get(b, i / length), y, i, stop);
            i = stop;
          }
        });
  }

  private Kernel expand(Node n, Op.Expand o) {
    long x = c.in(n, 0);
    long y = c.out(n, 0);
    long size = o.shape().size();
    long small = c.inShape(n, 0).size();
    return switch (o.align()) {
      case PREFIX ->
          c.elements(
              size,
              (from, to) -> {
                long length = size / small;
                for (long i = from; i < to; ) {
                  long stop = Math.min(to, (i / length + 1) * length);
                  Elementwise.fill(y, get(x, i / length), i, stop);
                  i = stop;
                }
              });
      case SUFFIX ->
          c.rows(
              (int) (size / small),
              small,
              (from, to) -> {
                for (long r = from; r < to; r++) {
                  Memory.copy(x, y + 4 * r * small, small);
                }
              });
    };
  }

  // ---- sums ---------------------------------------------------------------------------------

  private Kernel sum(Node n, Op.Sum o) {
    long x = c.in(n, 0);
    long y = c.out(n, 0);
    long size = c.inShape(n, 0).size();
    long small = o.shape().size();
    return switch (o.align()) {
      case PREFIX -> reduce(y, small, size / small, (from, to) -> Elementwise.sum(x, from, to));
      case SUFFIX -> sumColumns(x, y, size / small, small);
    };
  }

  private Kernel dot(Node n) {
    long a = c.in(n, 0);
    long b = c.in(n, 1);
    long size = c.inShape(n, 0).size();
    long small = c.outShape(n, 0).size();
    return reduce(c.out(n, 0), small, size / small, (from, to) -> Elementwise.dot(a, b, from, to));
  }

  private Kernel maxAbs(Node n) {
    long x = c.in(n, 0);
    long y = c.out(n, 0);
    int small = c.outShape(n, 0).size();
    long length = c.inShape(n, 0).size() / small;
    return c.rows(
        small,
        length,
        (from, to) -> {
          for (long i = from; i < to; i++) {
            set(y, i, Elementwise.maxAbs(x, i * length, (i + 1) * length));
          }
        });
  }

  private interface Reduction {
    double over(long from, long to);
  }

  /** y[i] = the reduction of run i; one long run is split into parts that are added in order. */
  private Kernel reduce(long y, long count, long length, Reduction reduction) {
    if (count > 1) {
      return c.rows(
          (int) count,
          length,
          (from, to) -> {
            for (long i = from; i < to; i++) {
              set(y, i, (float) reduction.over(i * length, (i + 1) * length));
            }
          });
    }
    int parts = (int) Math.max(1, Math.min(4L * c.team.threads(), length / 8192));
    long step = (length + parts - 1) / parts;
    double[] partial = new double[parts];
    ThreadTeam.Task task =
        (part, _) ->
            partial[part] =
                reduction.over(Math.min(length, part * step), Math.min(length, (part + 1) * step));
    return () -> {
      c.team.run(parts, task);
      double total = 0;
      for (double p : partial) {
        total += p;
      }
      set(y, 0, (float) total);
    };
  }

  /** Each part adds up its rows in scratch memory; then the parts are added in order. */
  private Kernel sumColumns(long x, long y, long rowCount, long width) {
    int parts = c.rowParts((int) rowCount, width);
    long step = (rowCount + parts - 1) / parts;
    c.needScratch((long) parts * width);
    ThreadTeam.Task task =
        (part, _) -> {
          long partial = c.scratch() + 4L * part * width;
          Memory.zero(partial, width);
          for (long r = part * step; r < Math.min(rowCount, (part + 1) * step); r++) {
            Elementwise.addScaled(x + 4 * r * width, 1, partial, width);
          }
        };
    return () -> {
      c.team.run(parts, task);
      Memory.copy(c.scratch(), y, width);
      for (int p = 1; p < parts; p++) {
        Elementwise.addScaled(c.scratch() + 4L * p * width, 1, y, width);
      }
    };
  }

  // ---- products -----------------------------------------------------------------------------

  private Kernel matMul(Node n, Op.MatMul o) {
    Shape a = c.inShape(n, 0);
    Shape y = c.outShape(n, 0);
    int m = y.dim(-2);
    int w = y.dim(-1);
    int k = a.dim(o.transposeA() ? -2 : -1);
    int count = y.size() / m / w;
    Products.Dims d = new Products.Dims(count, m, w, k, o.transposeA(), o.transposeB());
    return c.products.matMul(d, c.in(n, 0), c.in(n, 1), c.out(n, 0));
  }

  private Kernel groupedMatMul(Node n, Op.GroupedMatMul o) {
    int experts = c.inShape(n, 1).dim(0);
    int k = c.inShape(n, 0).dim(1);
    Shape y = c.outShape(n, 0);
    Kernel check = checkOffsets(n, 2, experts, y.dim(0));
    Kernel product =
        c.products.grouped(
            y.dim(0),
            experts,
            k,
            y.dim(1),
            o.transposeW(),
            c.in(n, 0),
            c.in(n, 1),
            c.in(n, 2),
            c.out(n, 0));
    return () -> {
      check.run();
      product.run();
    };
  }

  private Kernel groupedOuter(Node n, Op.GroupedOuter o) {
    Shape y = c.outShape(n, 0);
    Kernel check = checkOffsets(n, 2, o.experts(), c.inShape(n, 0).dim(0));
    Kernel product =
        c.products.groupedOuter(
            o.experts(), y.dim(1), y.dim(2), c.in(n, 0), c.in(n, 1), c.in(n, 2), c.out(n, 0));
    return () -> {
      check.run();
      product.run();
    };
  }

  /** Offsets address memory: they must rise from 0 to the number of rows. */
  private Kernel checkOffsets(Node n, int input, int experts, int rowCount) {
    long offsets = c.in(n, input);
    return () -> {
      int last = 0;
      for (int e = 0; e <= experts; e++) {
        int o = getInt(offsets, e);
        if (o < last || o > rowCount || (e == 0 && o != 0) || (e == experts && o != rowCount)) {
          throw new IllegalArgumentException(
              n.where()
                  + ": offset "
                  + o
                  + " of expert "
                  + e
                  + ", wanted a rise from 0 to "
                  + rowCount);
        }
        last = o;
      }
    };
  }

  // ---- language model -----------------------------------------------------------------------

  private Kernel rope(Node n, Op.Rope o) {
    Shape s = c.inShape(n, 0);
    int headSize = s.dim(2) / 3 / o.heads();
    long table = constants.applyAsLong(RopeTable.size(s.dim(1), headSize));
    RopeTable.fill(table, s.dim(1), headSize, o.base(), o.inverse());
    return rows.rope(n, o, table);
  }

  private Kernel adamW(Node n) {
    Rows.AdamWBuffers buffers =
        new Rows.AdamWBuffers(
            c.in(n, 0), c.in(n, 1), c.in(n, 2), c.in(n, 3), c.out(n, 0), c.out(n, 1), c.out(n, 2));
    Rows.AdamWScalars scalars = new Rows.AdamWScalars();
    Kernel update =
        c.elements(c.inShape(n, 0).size(), (from, to) -> Rows.adamW(buffers, scalars, from, to));
    return () -> {
      readScalars(n, scalars);
      update.run();
    };
  }

  private void readScalars(Node n, Rows.AdamWScalars s) {
    double lr = get(c.in(n, 5), 0);
    double beta1 = get(c.in(n, 6), 0);
    double beta2 = get(c.in(n, 7), 0);
    double decay = get(c.in(n, 9), 0);
    double t = get(c.in(n, 10), 0);
    s.gradScale = get(c.in(n, 4), 0);
    s.beta1 = (float) beta1;
    s.beta2 = (float) beta2;
    s.correction = (float) (1 / Math.sqrt(1 - Math.pow(beta2, t)));
    s.epsilon = get(c.in(n, 8), 0);
    s.stepSize = (float) (lr / (1 - Math.pow(beta1, t)));
    s.keep = (float) (1 - lr * decay);
  }
}
