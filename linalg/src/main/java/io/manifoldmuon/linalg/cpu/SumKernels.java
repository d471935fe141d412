package io.manifoldmuon.linalg.cpu;

import static io.manifoldmuon.linalg.cpu.Memory.set;

import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;

/** Kernels that make one number of many. */
final class SumKernels {
  private final Context c;

  SumKernels(Context c) {
    this.c = c;
  }

  Kernel sum(Node n, Op.Sum o) {
    long x = c.in(n, 0);
    long y = c.out(n, 0);
    long size = c.inShape(n, 0).size();
    long small = o.shape().size();
    return switch (o.align()) {
      case PREFIX -> reduce(y, small, size / small, (from, to) -> Elementwise.sum(x, from, to));
      case SUFFIX -> sumColumns(x, y, size / small, small);
    };
  }

  Kernel dot(Node n) {
    long a = c.in(n, 0);
    long b = c.in(n, 1);
    long size = c.inShape(n, 0).size();
    long small = c.outShape(n, 0).size();
    return reduce(c.out(n, 0), small, size / small, (from, to) -> Elementwise.dot(a, b, from, to));
  }

  Kernel maxAbs(Node n) {
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
}
