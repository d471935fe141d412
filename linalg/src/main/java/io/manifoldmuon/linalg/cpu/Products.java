package io.manifoldmuon.linalg.cpu;

import static io.manifoldmuon.linalg.cpu.Memory.getInt;

/**
 * Matrix products, split between the threads; each part is one call of single-threaded OpenBLAS.
 * Splits depend only on sizes and the number of threads, never on timing.
 */
final class Products {
  /** Multiply–adds below which a product is not split. */
  private static final long SERIAL = 1 << 17;

  /**
   * Rows or columns below which a product is cut only for the sake of using all threads. Smaller
   * pieces pack their operands too often; larger ones leave a thread waiting where another one was
   * held up by the rest of the machine.
   */
  private static final int PIECE = 256;

  /** Rows of one expert that make one part of a grouped product. */
  private static final int ROW_BLOCK = 256;

  /** Rows or columns of one expert's outer product that make one part. */
  private static final int OUTER_BLOCK = 256;

  private final ThreadTeam team;
  private final OpenBlas blas;

  Products(ThreadTeam team, OpenBlas blas) {
    this.team = team;
    this.blas = blas;
  }

  /** One product of a stack: C [m, n] = op(A)·op(B), all dense. */
  record Dims(int count, int m, int n, int k, boolean transposeA, boolean transposeB) {
    int lda() {
      return transposeA ? m : k;
    }

    int ldb() {
      return transposeB ? k : n;
    }
  }

  Kernel matMul(Dims d, long a, long b, long c) {
    int split = split(d);
    boolean alongM = d.m >= d.n;
    int length = alongM ? d.m : d.n;
    int step = ((length + split - 1) / split + 15) / 16 * 16;
    int pieces = (length + step - 1) / step;
    ThreadTeam.Task task =
        (part, _) -> {
          long member = part / pieces;
          int from = part % pieces * step;
          int size = Math.min(step, length - from);
          long am = a + 4 * member * d.m * d.k;
          long bm = b + 4 * member * d.k * d.n;
          long cm = c + 4 * member * d.m * d.n;
          if (alongM) {
            long ap = am + 4L * from * (d.transposeA ? 1 : d.k);
            long cp = cm + 4L * from * d.n;
            gemm(d, size, d.n, ap, bm, cp);
          } else {
            long bp = bm + 4L * from * (d.transposeB ? d.k : 1);
            gemm(d, d.m, size, am, bp, cm + 4L * from);
          }
        };
    return () -> team.run(d.count * pieces, task);
  }

  private void gemm(Dims d, int m, int n, long a, long b, long c) {
    if (d.m == 1) { // for one row sgemm would copy the matrix first
      row(d.transposeB, d.k, n, a, b, d.ldb(), c);
      return;
    }
    blas.sgemm(d.transposeA, d.transposeB, m, n, d.k, 1, a, d.lda(), b, d.ldb(), 0, c, d.n);
  }

  /** y [n] = x·op(B) for one row x [k]. */
  private void row(boolean transposeB, int k, int n, long x, long b, int ldb, long y) {
    if (transposeB) {
      blas.sgemv(false, n, k, b, ldb, x, y);
    } else {
      blas.sgemv(true, k, n, b, ldb, x, y);
    }
  }

  /** Parts for each member of the stack. */
  private int split(Dims d) {
    long work = (long) d.m * d.n * d.k;
    if (d.count >= team.threads() || work < SERIAL) {
      return 1;
    }
    int length = Math.max(d.m, d.n);
    int pieces = Math.max(team.threads(), Math.min(4 * team.threads(), length / PIECE));
    return Math.max(1, Math.min(pieces, length / 32));
  }

  /** y[r] = x[r]·op(W[e]) for the rows r of each expert e. */
  Kernel grouped(
      int rows,
      int experts,
      int k,
      int n,
      boolean transposeW,
      long x,
      long w,
      long offsets,
      long y) {
    // the last blocks of all experts may be short, so there are up to that many more parts
    int most = (rows + ROW_BLOCK - 1) / ROW_BLOCK + experts;
    int[] expert = new int[most];
    int[] start = new int[most];
    ThreadTeam.Task task =
        (part, _) -> {
          int e = expert[part];
          int from = start[part];
          int size = Math.min(ROW_BLOCK, getInt(offsets, e + 1) - from);
          long xp = x + 4L * from * k;
          long wp = w + 4L * e * k * n;
          long yp = y + 4L * from * n;
          int ldw = transposeW ? k : n;
          if (size == 1) {
            row(transposeW, k, n, xp, wp, ldw, yp);
          } else {
            blas.sgemm(false, transposeW, size, n, k, 1, xp, k, wp, ldw, 0, yp, n);
          }
        };
    return () -> {
      int parts = 0;
      for (int e = 0; e < experts; e++) {
        for (int r = getInt(offsets, e); r < getInt(offsets, e + 1); r += ROW_BLOCK) {
          expert[parts] = e;
          start[parts++] = r;
        }
      }
      team.run(parts, task);
    };
  }

  /** C[e] = A[e]ᵀ·B[e] over the rows of each expert; zero for an expert without rows. */
  Kernel groupedOuter(int experts, int m, int n, long a, long b, long offsets, long c) {
    boolean alongM = m >= n;
    int length = Math.max(m, n);
    int step = length >= 2 * OUTER_BLOCK ? OUTER_BLOCK : length;
    int pieces = (length + step - 1) / step;
    ThreadTeam.Task task =
        (part, _) -> {
          long e = part / pieces;
          int from = part % pieces * step;
          int size = Math.min(step, length - from);
          long row = getInt(offsets, e);
          int rows = getInt(offsets, e + 1) - (int) row;
          int rowsOfC = alongM ? size : m;
          int columnsOfC = alongM ? n : size;
          long cp = c + 4 * (e * m * n + (long) from * (alongM ? n : 1));
          if (rows == 0) {
            for (int i = 0; i < rowsOfC; i++) {
              Memory.zero(cp + 4L * i * n, columnsOfC);
            }
          } else {
            long ap = a + 4 * (row * m + (alongM ? from : 0));
            long bp = b + 4 * (row * n + (alongM ? 0 : from));
            blas.sgemm(true, false, rowsOfC, columnsOfC, rows, 1, ap, m, bp, n, 0, cp, n);
          }
        };
    return () -> team.run(experts * pieces, task);
  }
}
