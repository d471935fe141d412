package io.manifoldmuon.linalg.cpu;

import static io.manifoldmuon.linalg.cpu.Memory.get;
import static io.manifoldmuon.linalg.cpu.Memory.getInt;
import static io.manifoldmuon.linalg.cpu.Memory.set;
import static io.manifoldmuon.linalg.cpu.Memory.setInt;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;

/** Choosing experts, sorting tokens by expert, and bringing their results back. */
final class RoutingKernels {
  private final Context c;

  RoutingKernels(Context c) {
    this.c = c;
  }

  Kernel topK(Node node, Op.TopK op) {
    long scores = c.in(node, 0);
    long index = c.out(node, 0);
    int experts = c.inShape(node, 0).dim(1);
    return c.rows(
        c.inShape(node, 0).dim(0),
        (long) experts * op.k(),
        (from, to) -> {
          for (long r = from; r < to; r++) {
            topK(node, scores + 4 * r * experts, experts, index + 4 * r * op.k(), op.k());
          }
        });
  }

  /**
   * Repeatedly the largest score that comes after the last one chosen; ties to the lower column.
   */
  private static void topK(Node node, long scores, int n, long index, int k) {
    float lastScore = Float.POSITIVE_INFINITY;
    int last = -1;
    for (int j = 0; j < k; j++) {
      int best = -1;
      for (int e = 0; e < n; e++) {
        float s = get(scores, e);
        if (Float.isNaN(s)) {
          throw new NumericalException(
              node.where() + ": the score of column " + e + " is NaN; the model has diverged");
        }
        boolean after = s < lastScore || (s == lastScore && e > last);
        if (after && (best < 0 || s > get(scores, best))) {
          best = e;
        }
      }
      setInt(index, j, best);
      lastScore = get(scores, best);
      last = best;
    }
  }

  Kernel roundRobin(Node node, Op.RoundRobin op) {
    long index = c.out(node, 0);
    int slots = op.tokens() * op.k();
    return () -> {
      for (int s = 0; s < slots; s++) {
        setInt(index, s, s % op.experts());
      }
    };
  }

  Kernel takeColumns(Node node) {
    long x = c.in(node, 0);
    long index = c.in(node, 1);
    long y = c.out(node, 0);
    int n = c.inShape(node, 0).dim(1);
    int k = c.inShape(node, 1).dim(1);
    return c.rows(
        c.inShape(node, 0).dim(0),
        k,
        (from, to) -> {
          for (long s = from * k; s < to * k; s++) {
            set(y, s, get(x, s / k * n + Indices.check(node, getInt(index, s), s, n)));
          }
        });
  }

  Kernel takeColumnsBackward(Node node, Op.TakeColumnsBackward op) {
    long dy = c.in(node, 0);
    long index = c.in(node, 1);
    long dx = c.out(node, 0);
    int n = op.columns();
    int k = c.inShape(node, 0).dim(1);
    return c.rows(
        c.inShape(node, 0).dim(0),
        n,
        (from, to) -> {
          Memory.zero(dx + 4 * from * n, (to - from) * n);
          for (long s = from * k; s < to * k; s++) {
            long at = s / k * n + Indices.check(node, getInt(index, s), s, n);
            set(dx, at, get(dx, at) + get(dy, s));
          }
        });
  }

  /** A stable counting sort. */
  Kernel dispatch(Node node, Op.Dispatch op) {
    long index = c.in(node, 0);
    long position = c.out(node, 0);
    long offsets = c.out(node, 1);
    int slots = c.inShape(node, 0).size();
    int[] next = new int[op.experts()];
    return () -> {
      java.util.Arrays.fill(next, 0);
      for (int s = 0; s < slots; s++) {
        next[Indices.check(node, getInt(index, s), s, op.experts())]++;
      }
      int total = 0;
      for (int e = 0; e < op.experts(); e++) {
        setInt(offsets, e, total);
        total += next[e];
        next[e] = total - next[e];
      }
      setInt(offsets, op.experts(), total);
      for (int s = 0; s < slots; s++) {
        setInt(position, s, next[getInt(index, s)]++);
      }
    };
  }

  Kernel counts(Node node) {
    long offsets = c.in(node, 0);
    long y = c.out(node, 0);
    int experts = c.outShape(node, 0).dim(0);
    return () -> {
      for (int e = 0; e < experts; e++) {
        set(y, e, getInt(offsets, e + 1) - getInt(offsets, e));
      }
    };
  }

  Kernel gatherTokens(Node node, Op.GatherTokens op) {
    long x = c.in(node, 0);
    long position = c.in(node, 1);
    long y = c.out(node, 0);
    int rows = c.outShape(node, 0).dim(0);
    int d = c.outShape(node, 0).dim(1);
    return c.rows(
        rows,
        d,
        (from, to) -> {
          for (long s = from; s < to; s++) {
            long r = Indices.check(node, getInt(position, s), s, rows);
            Memory.copy(x + 4 * (s / op.k()) * d, y + 4 * r * d, d);
          }
        });
  }

  Kernel sumTokens(Node node, Op.SumTokens op) {
    return combine(node, op.k(), 0, c.in(node, 1));
  }

  Kernel combineTokens(Node node) {
    return combine(node, c.inShape(node, 1).dim(1), c.in(node, 1), c.in(node, 2));
  }

  /** y[n] = Σⱼ w[n, j]·z[position[n·k + j]]; all weights one where there are none (address 0). */
  private Kernel combine(Node node, int k, long weights, long position) {
    long z = c.in(node, 0);
    long y = c.out(node, 0);
    int rows = c.inShape(node, 0).dim(0);
    int d = c.inShape(node, 0).dim(1);
    return c.rows(
        rows / k,
        (long) d * k,
        (from, to) -> {
          for (long t = from; t < to; t++) {
            long row = y + 4 * t * d;
            Memory.zero(row, d);
            for (int j = 0; j < k; j++) {
              long s = t * k + j;
              long r = Indices.check(node, getInt(position, s), s, rows);
              float w = weights == 0 ? 1 : get(weights, s);
              Elementwise.addScaled(z + 4 * r * d, w, row, d);
            }
          }
        });
  }

  Kernel combineTokensBackward(Node node) {
    long dy = c.in(node, 0);
    long z = c.in(node, 1);
    long w = c.in(node, 2);
    long position = c.in(node, 3);
    long dz = c.out(node, 0);
    long dw = c.out(node, 1);
    Shape shape = c.inShape(node, 1);
    int rows = shape.dim(0);
    int d = shape.dim(1);
    int k = c.inShape(node, 2).dim(1);
    return c.rows(
        rows / k,
        (long) d * k,
        (from, to) -> {
          for (long s = from * k; s < to * k; s++) {
            long r = Indices.check(node, getInt(position, s), s, rows);
            long row = dy + 4 * (s / k) * d;
            set(dw, s, Rows.dot(row, z + 4 * r * d, d));
            Elementwise.scaled(row, get(w, s), dz + 4 * r * d, d);
          }
        });
  }
}
