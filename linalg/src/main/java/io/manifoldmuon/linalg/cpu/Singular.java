package io.manifoldmuon.linalg.cpu;

import static io.manifoldmuon.linalg.cpu.Memory.get;
import static io.manifoldmuon.linalg.cpu.Memory.getDouble;
import static io.manifoldmuon.linalg.cpu.Memory.set;
import static io.manifoldmuon.linalg.cpu.Memory.setDouble;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Node;
import java.lang.foreign.Arena;

/**
 * Singular value decompositions by LAPACK's divide and conquer, one matrix a part. They are
 * computed in float64 and rounded in the end, so that small singular values are right to their own
 * size and not to that of the largest, as condition numbers and ranks need it.
 *
 * <p>A row-major X is the column-major Xᵀ = V·diag(σ)·Uᵀ, so that LAPACK's U is our V, and its Vᵀ,
 * column by column, our U row by row.
 */
final class Singular {
  /** Numbers of a cache line: pieces of scratch memory start at its multiples. */
  private static final int ALIGN = 8;

  private final Context c;
  private final Node node;
  private final Shape shape;
  private final int m;
  private final int n;
  private final int k;
  private final int lwork;

  /** Where the pieces of a thread's scratch memory start, in bytes; the last is its size. */
  private final long uAt;

  private final long sigmaAt;
  private final long vAt;
  private final long workAt;
  private final long integersAt;
  private final long threadBytes;

  private Singular(Context c, Node node) {
    this.c = c;
    this.node = node;
    this.shape = c.inShape(node, 0);
    this.m = shape.dim(-2);
    this.n = shape.dim(-1);
    this.k = Math.min(m, n);
    this.lwork = workspace();
    this.uAt = bytes((long) m * n);
    this.sigmaAt = uAt + bytes((long) m * k);
    this.vAt = sigmaAt + bytes(k);
    this.workAt = vAt + bytes((long) n * k);
    this.integersAt = workAt + bytes(lwork);
    this.threadBytes = integersAt + bytes(4L * k); // 8·k integers of 4 bytes
  }

  /** The kernel of a node. */
  static Kernel svd(Context c, Node node) {
    Singular s = new Singular(c, node);
    c.needScratch(c.team.threads() * s.threadBytes / Float.BYTES);
    int count = s.shape.size() / s.m / s.n;
    ThreadTeam.Task task =
        (part, thread) -> s.decompose(part, c.scratch() + thread * s.threadBytes);
    return () -> c.team.run(count, task);
  }

  private static long bytes(long doubles) {
    return (doubles + ALIGN - 1) / ALIGN * ALIGN * Double.BYTES;
  }

  /** The numbers that LAPACK likes to work in, at least those that its documentation asks for. */
  private int workspace() {
    try (Arena arena = Arena.ofConfined()) {
      long one = arena.allocate(Double.BYTES, Double.BYTES).address();
      int info = c.blas.dgesdd(n, m, one, one, one, one, one, -1, one);
      double least = 4.0 * k * k + 7.0 * k;
      double wanted = info == 0 ? getDouble(one, 0) : Double.NaN;
      double numbers = Math.max(least, wanted);
      if (!(numbers < Integer.MAX_VALUE)) {
        throw new IllegalStateException(
            node.where() + ": LAPACK asks for a workspace of " + numbers + " for " + shape);
      }
      return (int) numbers;
    }
  }

  private void decompose(int matrix, long scratch) {
    long x = c.in(node, 0) + 4L * matrix * m * n;
    for (long i = 0; i < (long) m * n; i++) {
      setDouble(scratch, i, finite(matrix, i, get(x, i)));
    }
    int info =
        c.blas.dgesdd(
            n,
            m,
            scratch,
            scratch + sigmaAt,
            scratch + vAt,
            scratch + uAt,
            scratch + workAt,
            lwork,
            scratch + integersAt);
    if (info > 0) {
      throw new NumericalException(
          node.where() + ": matrix " + matrix + " of " + shape + " did not converge");
    }
    if (info < 0) {
      throw new IllegalStateException(node.where() + ": LAPACK refuses argument " + -info);
    }
    round(scratch + uAt, c.out(node, 0) + 4L * matrix * m * k, (long) m * k);
    round(scratch + sigmaAt, c.out(node, 1) + 4L * matrix * k, k);
    roundTransposed(scratch + vAt, c.out(node, 2) + 4L * matrix * n * k);
  }

  private float finite(int matrix, long i, float value) {
    if (!Float.isFinite(value)) {
      throw new NumericalException(
          String.format(
              "%s: matrix %d of %s has %s in row %d, column %d, wanted finite numbers",
              node.where(), matrix, shape, value, i / n, i % n));
    }
    return value;
  }

  private static void round(long from, long to, long count) {
    for (long i = 0; i < count; i++) {
      set(to, i, (float) getDouble(from, i));
    }
  }

  /** [k, n] to [n, k]. */
  private void roundTransposed(long from, long to) {
    for (long i = 0; i < n; i++) {
      for (long j = 0; j < k; j++) {
        set(to, i * k + j, (float) getDouble(from, j * n + i));
      }
    }
  }
}
