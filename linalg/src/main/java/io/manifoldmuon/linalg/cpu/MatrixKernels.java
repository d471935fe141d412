package io.manifoldmuon.linalg.cpu;

import static io.manifoldmuon.linalg.cpu.Memory.get;
import static io.manifoldmuon.linalg.cpu.Memory.set;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import jdk.incubator.vector.FloatVector;

/** The kernels that matrix iterations are made of besides products. */
final class MatrixKernels {
  /** Rows that are transposed together: a cache line of them. */
  private static final int BLOCK = 16;

  /** Multiply–adds below which a symmetric product is not split. */
  private static final long SERIAL = 1 << 18;

  /** Terms from which on the squares of a symmetric product are added by sums of sums. */
  private static final int LONG_SUM = 64;

  /** The fewest rows of a symmetric product that make a part. */
  private static final int LEAST_ROWS = 64;

  private final Context c;

  MatrixKernels(Context c) {
    this.c = c;
  }

  Kernel weightedSum(Node n, Op.WeightedSum o) {
    long a = c.in(n, 0);
    long b = c.in(n, 1);
    long y = c.out(n, 0);
    float wa = (float) o.a();
    float wb = (float) o.b();
    float d = (float) o.d();
    Shape s = c.outShape(n, 0);
    if (d == 0) {
      return c.elements(s.size(), (from, to) -> Elementwise.weightedSum(wa, a, wb, b, y, from, to));
    }
    int width = s.dim(-1);
    return c.rows(
        s.size() / width,
        width,
        (from, to) -> {
          Elementwise.weightedSum(wa, a, wb, b, y, from * width, to * width);
          for (long r = from; r < to; r++) {
            long at = r * width + r % width;
            set(y, at, get(y, at) + d);
          }
        });
  }

  Kernel addTransposed(Node n, Op.AddTransposed o) {
    long x = c.in(n, 0);
    long y = c.out(n, 0);
    float a = (float) o.a();
    float b = (float) o.b();
    Shape s = c.outShape(n, 0);
    int width = s.dim(-1);
    int blocks = (width + BLOCK - 1) / BLOCK;
    int count = s.size() / width / width;
    return c.rows(
        count * blocks,
        (long) BLOCK * width,
        (from, to) -> {
          for (long part = from; part < to; part++) {
            long member = 4 * (part / blocks) * width * width;
            int row = (int) (part % blocks) * BLOCK;
            int end = Math.min(width, row + BLOCK);
            addTransposed(a, b, x + member, y + member, width, row, end);
          }
        });
  }

  /** Rows [from, to) of y = a·x + b·xᵀ. */
  private void addTransposed(float a, float b, long x, long y, int width, int from, int to) {
    c.blas.transpose(width, to - from, b, x + 4L * from, width, y + 4L * from * width, width);
    if (a != 0) {
      Elementwise.weightedSum(a, x, 1, y, y, (long) from * width, (long) to * width);
    }
  }

  Kernel gram(Node node, Op.Gram o) {
    Shape s = c.inShape(node, 0);
    boolean rows = o.rows();
    int n = s.dim(rows ? -2 : -1);
    int k = s.dim(rows ? -1 : -2);
    int count = s.size() / n / k;
    int lead = rows ? k : n;
    long x = c.in(node, 0);
    return triangle(
        count,
        n,
        k,
        c.out(node, 0),
        (member, from, size, ym) -> {
          long xm = x + 4 * member * n * k;
          long xp = xm + 4L * from * (rows ? k : 1);
          long yp = ym + 4L * from * n;
          if (from > 0) {
            c.blas.sgemm(!rows, rows, size, from, k, 1, xp, lead, xm, lead, 0, yp, n);
          }
          c.blas.ssyrk(!rows, size, k, xp, lead, yp + 4L * from, n);
          if (k >= LONG_SUM) {
            diagonal(xm, rows, n, k, ym, from, from + size);
          }
        });
  }

  Kernel symmetricMatMul(Node node) {
    Shape s = c.inShape(node, 0);
    int n = s.dim(-2);
    int k = s.dim(-1);
    int count = s.size() / n / k;
    long a = c.in(node, 0);
    long b = c.in(node, 1);
    return triangle(
        count,
        n,
        k,
        c.out(node, 0),
        (member, from, size, ym) -> {
          long ap = a + 4 * (member * n + from) * k;
          long bm = b + 4 * member * n * k;
          long yp = ym + 4L * from * n;
          if (from > 0) {
            c.blas.sgemm(false, false, size, from, k, 1, ap, k, bm, n, 0, yp, n);
          }
          lower(ap, bm + 4L * from, yp + 4L * from, size, k, n);
        });
  }

  /**
   * The lower triangle, by halves, of the first {@code size} columns of AB; rows of B, Y are n
   * long.
   */
  private void lower(long a, long b, long y, int size, int k, int n) {
    if (size <= LEAST_ROWS) {
      c.blas.sgemm(false, false, size, size, k, 1, a, k, b, n, 0, y, n);
      return;
    }
    int half = (size / 2 + BLOCK - 1) / BLOCK * BLOCK;
    long low = 4L * half * n;
    lower(a, b, y, half, k, n);
    c.blas.sgemm(false, false, size - half, half, k, 1, a + 4L * half * k, k, b, n, 0, y + low, n);
    lower(a + 4L * half * k, b + 4L * half, y + low + 4L * half, size - half, k, n);
  }

  /**
   * Makes rows from … from + size of the lower triangle of one [n, n]; what is above does not
   * matter.
   */
  private interface Rows {
    void make(long member, int from, int size, long y);
  }

  /**
   * Each part makes some rows of the lower triangle and mirrors them; k multiply–adds an element.
   */
  private Kernel triangle(int count, int n, int k, long y, Rows rows) {
    int step = triangleRows(count, n, k);
    int pieces = (n + step - 1) / step;
    ThreadTeam.Task task =
        (part, _) -> {
          long member = part / pieces;
          int from = (pieces - 1 - part % pieces) * step; // the longest rows first
          int size = Math.min(step, n - from);
          long ym = y + 4 * member * n * n;
          rows.make(member, from, size, ym);
          mirror(ym, n, from, from + size);
        };
    return () -> c.team.run(count * pieces, task);
  }

  /**
   * The squares of rows, or columns, from … to of x once more, by sums of sums. BLAS adds the k
   * squares one after the other, which costs some √k roundings of numbers of one sign; the products
   * off the diagonal of a nearly orthonormal x are small and lose next to nothing.
   */
  private static void diagonal(long x, boolean rows, int n, int k, long y, int from, int to) {
    if (rows) {
      for (long i = from; i < to; i++) {
        long row = x + 4 * i * k;
        set(y, i * n + i, (float) Elementwise.dot(row, row, 0, k));
      }
      return;
    }
    long j = from;
    for (; j <= to - Memory.LANES; j += Memory.LANES) {
      FloatVector total = Vectors.constant(0);
      for (long start = 0; start < k; start += LONG_SUM) {
        FloatVector sum = Vectors.constant(0);
        for (long r = start; r < Math.min(k, start + LONG_SUM); r++) {
          FloatVector v = Memory.load(x, r * n + j);
          sum = v.fma(v, sum);
        }
        total = total.add(sum);
      }
      for (int lane = 0; lane < Memory.LANES; lane++) {
        set(y, (j + lane) * (n + 1), total.lane(lane));
      }
    }
    for (; j < to; j++) {
      double sum = 0;
      for (long r = 0; r < k; r++) {
        double v = get(x, r * n + j);
        sum += v * v;
      }
      set(y, j * (n + 1), (float) sum);
    }
  }

  /** The rows of a part. */
  private int triangleRows(int count, int n, int k) {
    int threads = c.team.threads();
    if (count >= threads || (long) n * n * k < SERIAL) {
      return n;
    }
    int step = (n + 2 * threads - 1) / (2 * threads);
    return Math.max(LEAST_ROWS, (step + BLOCK - 1) / BLOCK * BLOCK);
  }

  /** Copies rows [from, to) of the lower triangle to the columns above the diagonal. */
  private void mirror(long y, int n, int from, int to) {
    for (int start = from; start < to; start += BLOCK) {
      int stop = Math.min(to, start + BLOCK);
      if (start > 0) {
        c.blas.transpose(stop - start, start, 1, y + 4L * start * n, n, y + 4L * start, n);
      }
      for (long j = start; j < stop - 1; j++) {
        for (long r = j + 1; r < stop; r++) {
          set(y, j * n + r, get(y, r * n + j));
        }
      }
    }
  }
}
