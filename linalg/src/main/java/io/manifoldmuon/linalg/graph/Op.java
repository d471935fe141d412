package io.manifoldmuon.linalg.graph;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Shape;

/**
 * The closed vocabulary: everything that a graph can compute.
 *
 * <p>An op holds only what never changes between replays; values that do (learning rates, seeds,
 * step counts) are 1-element tensors among its inputs. Inputs and outputs are given in the form
 * {@code (inputs) → outputs}; {@code int} marks integer tensors, everything else is real. The
 * letters: N rows (tokens), D model width, V vocabulary, E experts, K chosen experts a token, R =
 * N·K routed rows, H heads, B batch, T context. Weight matrices are {@code [fanOut, fanIn]}.
 *
 * <p>Shape rules are in {@link ShapeRules}, gradients in {@link Vjp}; both switch over this
 * interface without a default, and so does every engine, so that a missing rule is a compile error.
 */
public sealed interface Op {

  /** The op's simple name, for printing and messages. */
  default String name() {
    return getClass().getSimpleName();
  }

  // ---- leaves -------------------------------------------------------------------------------

  /** State that stays on the device between replays and graphs: {@code () → [shape]}. */
  record Variable(String label, Shape shape, DType dtype) implements Op {}

  /** A value that the host writes before a replay: {@code () → [shape]}. */
  record Input(String label, Shape shape, DType dtype) implements Op {}

  /** A tensor of one constant: {@code () → [shape]}. */
  record Fill(double value, Shape shape) implements Op {}

  /**
   * Independent N(0, 1) samples, a pure function of seed, stream and index: {@code (int seed []) →
   * [shape]}; see {@link io.manifoldmuon.linalg.CounterRandom}. Every recorded draw has a stream of
   * its own.
   */
  record GaussianNoise(int stream, Shape shape) implements Op {}

  // ---- views and layout ---------------------------------------------------------------------

  /** The same elements under another shape: {@code (x) → [shape]}. */
  record Reshape(Shape shape) implements Op {}

  /** The contiguous elements {@code offset … offset + size(shape)} of x: {@code (x) → [shape]}. */
  record Slice(int offset, Shape shape) implements Op {}

  /** The elements of all inputs, one after the other: {@code (x₀, x₁, …) → [shape]}. */
  record Concat(Shape shape) implements Op {}

  // ---- element by element -------------------------------------------------------------------

  /** y = f(x): {@code (x) → y}. */
  record Map(Unary f) implements Op {}

  /** dx = f′(x)·dy: {@code (x, dy) → dx}. */
  record MapBackward(Unary f) implements Op {}

  /**
   * y = f(a, b), NaN where a or b is: {@code (a, b) → [shape of a]}; b has a's shape or is repeated
   * over it: a prefix of a's shape (one value per row or matrix; {@code []} for one in all) or a
   * suffix (one per column).
   */
  record Zip(Binary f, Align align) implements Op {}

  /** y = a + t·(b − a): {@code (a, b, t []) → [shape of a]}. */
  record Lerp() implements Op {}

  /**
   * Y = a·A + b·B + d·I, each of a stack: {@code (A, B) → [shape of A]}; matrices {@code […, n, n]}
   * where d is not 0.
   */
  record WeightedSum(double a, double b, double d) implements Op {}

  /**
   * The largest |x| over all dimensions after the first {@code keep}, NaN if one is: {@code (x) →
   * [prefix]}. Made for residuals; it has no gradient.
   */
  record MaxAbs(int keep) implements Op {}

  /** Repeats x over a larger shape, of which x's is the prefix or suffix: {@code (x) → [shape]}. */
  record Expand(Shape shape, Align align) implements Op {}

  /**
   * Sums x down to a smaller shape, the prefix or suffix of x's; the adjoint of {@link Expand}:
   * {@code (x) → [shape]}.
   */
  record Sum(Shape shape, Align align) implements Op {}

  /** Σ a·b over all dimensions after the first {@code keep}: {@code (a, b) → [prefix]}. */
  record Dot(int keep) implements Op {}

  // ---- products -----------------------------------------------------------------------------

  /**
   * C = op(A)·op(B), one for each member of equal stacks: {@code (A […, m, k], B […, k, n]) → […,
   * m, n]}; a transposed operand is given as {@code […, k, m]} or {@code […, n, k]}.
   */
  record MatMul(boolean transposeA, boolean transposeB) implements Op {}

  /**
   * The symmetric product S = XᵀX, or XXᵀ with {@code rows}, exactly symmetric, for half the flops
   * of the {@link MatMul}: {@code (X […, m, n]) → […, n, n]}, or {@code […, m, m]} with {@code
   * rows}. Of a symmetric X it is the square.
   */
  record Gram(boolean rows) implements Op {}

  /**
   * S = AB where that is symmetric, as of two polynomials of one symmetric matrix: made exactly
   * symmetric, for half the flops of the {@link MatMul}, {@code (A […, n, k], B […, k, n]) → […, n,
   * n]}. S[i, j] is (AB)[i, j] for i ≥ j and (AB)[j, i] else, whether AB is symmetric or not. It
   * has no gradient.
   */
  record SymmetricMatMul() implements Op {}

  /**
   * Y = a·X + b·Xᵀ, each of a stack: {@code (X […, n, n]) → […, n, n]}; (½, ½) is the symmetric
   * part, (½, −½) the skew part, (0, 1) the transpose. It is its own adjoint.
   */
  record AddTransposed(double a, double b) implements Op {}

  /**
   * The thin singular value decomposition X = U·diag(σ)·Vᵀ of each matrix of a stack: {@code (X […,
   * m, n]) → (U […, m, k], σ […, k], V […, n, k])} with k = min(m, n); σ falls and is never
   * negative, UᵀU = VᵀV = I. Signs of the columns, and their directions where σ repeats, are the
   * engine's choice. A matrix that is not finite, and an iteration that does not converge, end the
   * replay with a {@link io.manifoldmuon.linalg.NumericalException} that names the node. It has no
   * gradient.
   */
  record Svd() implements Op {}

  /**
   * Row r of y is row r of x times the matrix of r's expert: {@code (x [R, k], W [E, k, n] or, if
   * transposed, [E, n, k], int offsets [E+1]) → [R, n]}; expert e owns rows offsets[e] …
   * offsets[e+1], with offsets[0] = 0, never falling, and offsets[E] = R; an expert may own none.
   */
  record GroupedMatMul(boolean transposeW) implements Op {}

  /**
   * Per expert AᵀB over its rows, zero for an expert without rows: {@code (a [R, m], b [R, n], int
   * offsets [E+1]) → [E, m, n]}; offsets as in {@link GroupedMatMul}.
   */
  record GroupedOuter(int experts) implements Op {}

  // ---- rows ---------------------------------------------------------------------------------

  /** y = x / √(mean(x²) + ε) · gain, row by row: {@code (x [N, D], gain [D]) → [N, D]}. */
  record RmsNorm(double epsilon) implements Op {}

  /** The adjoint of {@link RmsNorm}: {@code (dy [N, D], x [N, D], gain [D]) → (dx, dgain)}. */
  record RmsNormBackward(double epsilon) implements Op {}

  /** p = e^x / Σ e^x over the last dimension: {@code (x […, n]) → […, n]}. */
  record Softmax() implements Op {}

  /** dx = p·(dy − Σ p·dy): {@code (dy, p) → dx}. */
  record SoftmaxBackward() implements Op {}

  /** ln Σ e^x over the last dimension: {@code (x […, n]) → […]}. */
  record LogSumExp() implements Op {}

  // ---- language model -----------------------------------------------------------------------

  /** Rows of a table: {@code (table [V, D], int ids […]) → […, D]}. */
  record Embedding() implements Op {}

  /** Sums rows of dy into the rows of the table: {@code (dy […, D], int ids […]) → [V, D]}. */
  record EmbeddingBackward(int vocabulary) implements Op {}

  /**
   * Rotary position embedding of queries and keys: pairs (2i, 2i+1) of every head turn by the angle
   * φ = position · base^(−2i/d), d the head size, positions from 0: (a, b) becomes (a·cos φ − b·sin
   * φ, a·sin φ + b·cos φ); values pass: {@code (qkv [B, T, 3D]) → [B, T, 3D]}. The inverse turns by
   * −φ and is the adjoint.
   *
   * <p><b>Source</b> Su et al. 2021, arXiv 2104.09864, in the interleaved form.
   */
  record Rope(int heads, double base, boolean inverse) implements Op {}

  /**
   * Softmax attention over positions ≤ t, head by head: {@code (qkv [B, T, 3D]) → (out [B, T, D],
   * lse [B, H, T])}, lse the log-sum-exp of the scaled scores; memory linear in T. A row of qkv is
   * the query (elements 0 … D), key (D … 2D) and value (2D … 3D) of one position, each of H heads
   * side by side.
   */
  record CausalAttention(int heads, double scale) implements Op {}

  /** {@code (dout [B, T, D], qkv [B, T, 3D], out [B, T, D], lse [B, H, T]) → dqkv [B, T, 3D]}. */
  record CausalAttentionBackward(int heads, double scale) implements Op {}

  /**
   * −ln softmax(logits)[target], row by row: {@code (logits [N, V], int targets [N]) → (loss [N],
   * lse [N])}.
   */
  record CrossEntropy() implements Op {}

  /** {@code (logits [N, V], lse [N], int targets [N], dloss [N]) → dlogits [N, V]}. */
  record CrossEntropyBackward() implements Op {}

  // ---- routing ------------------------------------------------------------------------------

  /**
   * The columns of the k largest scores of each row, largest first, ties to the lower column:
   * {@code (scores [N, E]) → int [N, K]}. A score that is NaN ends the replay with a {@link
   * io.manifoldmuon.linalg.NumericalException} that names the node.
   */
  record TopK(int k) implements Op {}

  /** Expert (n·K + j) mod E for slot j of token n, whatever the scores: {@code () → int [N, K]}. */
  record RoundRobin(int tokens, int k, int experts) implements Op {}

  /** y[n, j] = x[n, index[n, j]]: {@code (x [N, E], int index [N, K]) → [N, K]}. */
  record TakeColumns() implements Op {}

  /** The adjoint of {@link TakeColumns}: {@code (dy [N, K], int index [N, K]) → [N, E]}. */
  record TakeColumnsBackward(int columns) implements Op {}

  /**
   * Sorts the R = N·K slots by expert, stably: {@code (int index [N, K]) → (int position [R], int
   * offsets [E+1])}. Slot s = n·K + j stands at row position[s]; expert e owns rows offsets[e] …
   * offsets[e+1].
   */
  record Dispatch(int experts) implements Op {}

  /** The rows per expert as reals: {@code (int offsets [E+1]) → [E]}. */
  record Counts() implements Op {}

  /**
   * y[position[n·K + j]] = x[n]: {@code (x [N, D], int position [R]) → [R, D]}; here and below,
   * position is a permutation of 0 … R−1.
   */
  record GatherTokens(int k) implements Op {}

  /** y[n] = Σⱼ z[position[n·K + j]]: {@code (z [R, D], int position [R]) → [N, D]}. */
  record SumTokens(int k) implements Op {}

  /**
   * y[n] = Σⱼ w[n, j]·z[position[n·K + j]]: {@code (z [R, D], w [N, K], int position [R]) → [N,
   * D]}.
   */
  record CombineTokens() implements Op {}

  /**
   * The adjoint of {@link CombineTokens}: {@code (dy [N, D], z [R, D], w [N, K], int position [R])
   * → (dz [R, D], dw [N, K])}.
   */
  record CombineTokensBackward() implements Op {}

  // ---- updates ------------------------------------------------------------------------------

  /**
   * One AdamW step with decoupled weight decay and bias correction, for g = gradScale·g:
   *
   * <pre>
   *   m ← β₁m + (1−β₁)g      v ← β₂v + (1−β₂)g²
   *   p ← p − lr·( (m/(1−β₁ᵗ)) / (√(v/(1−β₂ᵗ)) + ε) + decay·p )
   * </pre>
   *
   * {@code (p, g, m, v, gradScale [], lr [], β₁ [], β₂ [], ε [], decay [], t []) → (p, m, v)}; t is
   * 1 at the first step.
   *
   * <p><b>Source</b> Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2 with η = 1.
   */
  record AdamW() implements Op {}

  /**
   * Makes x the new content of a variable: {@code (variable, x) → [shape]}, the variable after it.
   * The old value may not be read by any node recorded later.
   */
  record Assign(String label) implements Op {}
}
