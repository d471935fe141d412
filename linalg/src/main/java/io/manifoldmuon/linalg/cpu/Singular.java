package io.manifoldmuon.linalg.cpu;

import static io.manifoldmuon.linalg.cpu.Memory.get;
import static io.manifoldmuon.linalg.cpu.Memory.set;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Node;
import java.lang.foreign.Arena;

/**
 * Singular value decompositions by LAPACK's divide and conquer, one matrix a part.
 *
 * <p>A row-major X is the column-major Xᵀ = V·diag(σ)·Uᵀ, so that LAPACK's U is our V and its Vᵀ
 * our U, which it writes in place; V is copied row by row.
 */
final class Singular {
  /**
   * Scratch pieces start at multiples of a cache line, so that bits do not depend on the thread.
   */
  private static final int ALIGN = 16;

  private final Context c;
  private final Node node;
  private final Shape shape;
  private final int m;
  private final int n;
  private final int k;
  private final int lwork;

  /** Where the pieces of a thread's scratch memory start, and its size, in floats. */
  private final long vAt;

  private final long workAt;
  private final long integersAt;
  private final long threadFloats;

  private Singular(Context c, Node node) {
    this.c = c;
    this.node = node;
    this.shape = c.inShape(node, 0);
    this.m = shape.dim(-2);
    this.n = shape.dim(-1);
    this.k = Math.min(m, n);
    this.lwork = workspace();
    this.vAt = aligned((long) m * n);
    this.workAt = vAt + aligned((long) n * k);
    this.integersAt = workAt + aligned(lwork);
    this.threadFloats = integersAt + aligned(8L * k);
  }

  /** The kernel of a node. */
  static Kernel svd(Context c, Node node) {
    Singular s = new Singular(c, node);
    c.needScratch(c.team.threads() * s.threadFloats);
    int count = s.shape.size() / s.m / s.n;
    long x = c.in(node, 0);
    long u = c.out(node, 0);
    long sigma = c.out(node, 1);
    long v = c.out(node, 2);
    ThreadTeam.Task task =
        (part, thread) ->
            s.decompose(
                part,
                x + 4L * part * s.m * s.n,
                u + 4L * part * s.m * s.k,
                sigma + 4L * part * s.k,
                v + 4L * part * s.n * s.k,
                c.scratch() + 4L * thread * s.threadFloats);
    return () -> c.team.run(count, task);
  }

  private static long aligned(long floats) {
    return (floats + ALIGN - 1) / ALIGN * ALIGN;
  }

  /** The floats that LAPACK likes to work in, at least those that its documentation asks for. */
  private int workspace() {
    try (Arena arena = Arena.ofConfined()) {
      long one = arena.allocate(4, 4).address();
      int info = c.blas.sgesdd(n, m, one, one, one, one, one, -1, one);
      double least = 4.0 * k * k + 7.0 * k;
      // the answer is a float, which may have been rounded down
      double wanted = info == 0 ? Math.nextUp(get(one, 0)) : Double.NaN;
      double floats = Math.max(least, wanted);
      if (!(floats < Integer.MAX_VALUE)) {
        throw new IllegalStateException(
            node.where() + ": LAPACK asks for " + floats + " floats of workspace for " + shape);
      }
      return (int) floats;
    }
  }

  private void decompose(int matrix, long x, long u, long sigma, long v, long scratch) {
    requireFinite(matrix, x);
    Memory.copy(x, scratch, (long) m * n);
    long columns = scratch + 4 * vAt;
    int info =
        c.blas.sgesdd(
            n,
            m,
            scratch,
            sigma,
            columns,
            u,
            scratch + 4 * workAt,
            lwork,
            scratch + 4 * integersAt);
    if (info > 0) {
      throw new NumericalException(
          node.where() + ": matrix " + matrix + " of " + shape + " did not converge");
    }
    if (info < 0) {
      throw new IllegalStateException(node.where() + ": LAPACK refuses argument " + -info);
    }
    for (long j = 0; j < k; j++) {
      for (long i = 0; i < n; i++) {
        set(v, i * k + j, get(columns, j * n + i));
      }
    }
  }

  private void requireFinite(int matrix, long x) {
    for (long i = 0; i < (long) m * n; i++) {
      float value = get(x, i);
      if (!Float.isFinite(value)) {
        throw new NumericalException(
            String.format(
                "%s: matrix %d of %s has %s in row %d, column %d, wanted finite numbers",
                node.where(), matrix, shape, value, i / n, i % n));
      }
    }
  }
}
