package io.manifoldmuon.linalg.cpu;

import io.manifoldmuon.linalg.EngineUnavailableException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;

/**
 * Single-threaded OpenBLAS on raw addresses, called from the threads of a {@link ThreadTeam}; the
 * library comes out of the bytedeco jar and is called through the foreign function interface.
 */
final class OpenBlas {
  private static final int ROW_MAJOR = 101;
  private static final int NO_TRANS = 111;
  private static final int TRANS = 112;
  private static final int LOWER = 122;
  private static final int COLUMN_MAJOR = 102;

  /** The smaller of the sides of U and V only. */
  private static final byte THIN = 'S';

  private final MethodHandle sgemm;
  private final MethodHandle sgemv;
  private final MethodHandle ssyrk;
  private final MethodHandle somatcopy;
  private final MethodHandle dgesdd;
  private final String configuration;

  private OpenBlas(
      MethodHandle sgemm,
      MethodHandle sgemv,
      MethodHandle ssyrk,
      MethodHandle somatcopy,
      MethodHandle dgesdd,
      String configuration) {
    this.sgemm = sgemm;
    this.sgemv = sgemv;
    this.ssyrk = ssyrk;
    this.somatcopy = somatcopy;
    this.dgesdd = dgesdd;
    this.configuration = configuration;
  }

  /**
   * Loads the library and sets it to one thread a call.
   *
   * @throws EngineUnavailableException if there is none for this platform
   */
  static OpenBlas load() {
    try {
      Loader.load(openblas_nolapack.class);
    } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
      throw new EngineUnavailableException(
          "cpu: OpenBLAS cannot be loaded on "
              + Loader.getPlatform()
              + " ("
              + e.getMessage()
              + "), put the jar org.bytedeco:openblas of this platform on the class path",
          e);
    }
    SymbolLookup library = SymbolLookup.loaderLookup();
    var i = ValueLayout.JAVA_INT;
    var p = ValueLayout.JAVA_LONG; // a pointer
    var f = ValueLayout.JAVA_FLOAT;
    MethodHandle sgemm =
        function(
            library,
            "cblas_sgemm",
            FunctionDescriptor.ofVoid(i, i, i, i, i, i, f, p, i, p, i, f, p, i));
    MethodHandle sgemv =
        function(
            library, "cblas_sgemv", FunctionDescriptor.ofVoid(i, i, i, i, f, p, i, p, i, f, p, i));
    MethodHandle ssyrk =
        function(
            library, "cblas_ssyrk", FunctionDescriptor.ofVoid(i, i, i, i, i, f, p, i, f, p, i));
    MethodHandle somatcopy =
        function(library, "cblas_somatcopy", FunctionDescriptor.ofVoid(i, i, i, i, f, p, i, p, i));
    MethodHandle dgesdd =
        function(
            library,
            "LAPACKE_dgesdd_work",
            FunctionDescriptor.of(i, i, ValueLayout.JAVA_BYTE, i, i, p, i, p, p, i, p, i, p, i, p));
    MethodHandle setThreads =
        function(library, "openblas_set_num_threads", FunctionDescriptor.ofVoid(i));
    try {
      setThreads.invokeExact(1);
    } catch (Throwable e) { // a downcall declares Throwable and throws nothing
      throw new IllegalStateException("cpu: the call of openblas_set_num_threads failed", e);
    }
    return new OpenBlas(
        sgemm,
        sgemv,
        ssyrk,
        somatcopy,
        dgesdd,
        text(library, "openblas_get_config")
            + ", kernels "
            + text(library, "openblas_get_corename"));
  }

  @SuppressWarnings("restricted")
  private static MethodHandle function(SymbolLookup library, String name, FunctionDescriptor type) {
    MemorySegment address =
        library
            .find(name)
            .orElseThrow(
                () ->
                    new EngineUnavailableException(
                        "cpu: the OpenBLAS that was loaded lacks "
                            + name
                            + ", use the bytedeco jar"));
    return Linker.nativeLinker().downcallHandle(address, type);
  }

  @SuppressWarnings("restricted")
  private static String text(SymbolLookup library, String name) {
    MethodHandle h = function(library, name, FunctionDescriptor.of(ValueLayout.ADDRESS));
    try {
      MemorySegment s = (MemorySegment) h.invokeExact();
      String whole = s.reinterpret(Long.MAX_VALUE).getString(0).trim();
      return whole.replaceFirst("^(OpenBLAS \\S+).*", "$1");
    } catch (Throwable e) { // a downcall declares Throwable and throws nothing
      throw new IllegalStateException("cpu: the call of " + name + " failed", e);
    }
  }

  /** Version and the processor that its kernels were chosen for. */
  String configuration() {
    return configuration;
  }

  /**
   * C ← α·op(A)·op(B) + β·C, row-major; op(A) is [m, k], op(B) [k, n], C [m, n]; ld* are row
   * strides in elements, the others addresses.
   */
  void sgemm(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      float alpha,
      long a,
      int lda,
      long b,
      int ldb,
      float beta,
      long c,
      int ldc) {
    try {
      sgemm.invokeExact(
          ROW_MAJOR,
          transposeA ? TRANS : NO_TRANS,
          transposeB ? TRANS : NO_TRANS,
          m,
          n,
          k,
          alpha,
          a,
          lda,
          b,
          ldb,
          beta,
          c,
          ldc);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) { // a downcall declares Throwable and throws nothing
      throw new IllegalStateException("cpu: the call of cblas_sgemm failed", e);
    }
  }

  /**
   * y ← op(A)·x for a row-major A, [m, n] as it is stored, whose rows are {@code lda} apart; x and
   * y are without gaps.
   */
  void sgemv(boolean transposeA, int m, int n, long a, int lda, long x, long y) {
    try {
      sgemv.invokeExact(ROW_MAJOR, transposeA ? TRANS : NO_TRANS, m, n, 1f, a, lda, x, 1, 0f, y, 1);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) { // a downcall declares Throwable and throws nothing
      throw new IllegalStateException("cpu: the call of cblas_sgemv failed", e);
    }
  }

  /**
   * The lower triangle of C ← op(A)·op(A)ᵀ, row-major; op(A) is [n, k] and C [n, n]; what stands
   * above the diagonal is left as it is.
   */
  void ssyrk(boolean transposeA, int n, int k, long a, int lda, long c, int ldc) {
    try {
      ssyrk.invokeExact(
          ROW_MAJOR, LOWER, transposeA ? TRANS : NO_TRANS, n, k, 1f, a, lda, 0f, c, ldc);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) { // a downcall declares Throwable and throws nothing
      throw new IllegalStateException("cpu: the call of cblas_ssyrk failed", e);
    }
  }

  /** Y ← α·Xᵀ for X [m, n] and Y [n, m], row-major, their rows ldx and ldy apart; no overlap. */
  void transpose(int m, int n, float alpha, long x, int ldx, long y, int ldy) {
    try {
      somatcopy.invokeExact(ROW_MAJOR, TRANS, m, n, alpha, x, ldx, y, ldy);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) { // a downcall declares Throwable and throws nothing
      throw new IllegalStateException("cpu: the call of cblas_somatcopy failed", e);
    }
  }

  /**
   * The thin singular value decomposition A = U·diag(σ)·Vᵀ in float64, column-major: A is [m, n]
   * without gaps and is destroyed, U [m, k], σ [k] descending, and Vᵀ [k, n], with k = min(m, n);
   * all are addresses, {@code integers} that of 8·k of them.
   *
   * @param lwork the numbers at {@code work}, or −1 to have the count that it likes written there
   * @return 0, or what LAPACK says: below 0 for a bad argument, above 0 if it did not converge
   */
  int dgesdd(
      int m, int n, long a, long sigma, long u, long vt, long work, int lwork, long integers) {
    int k = Math.min(m, n);
    try {
      return (int)
          dgesdd.invokeExact(
              COLUMN_MAJOR, THIN, m, n, a, m, sigma, u, m, vt, k, work, lwork, integers);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) { // a downcall declares Throwable and throws nothing
      throw new IllegalStateException("cpu: the call of LAPACKE_dgesdd_work failed", e);
    }
  }
}
