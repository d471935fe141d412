package io.manifoldmuon.linalg.graph;

/**
 * The functions of two real variables that {@link Op.Zip} applies element by element. Where a
 * gradient looks for a tie, numbers beyond those of float32 count as infinite.
 */
public enum Binary {
  /** a + b. */
  ADD,
  /** a − b. */
  SUB,
  /** a · b. */
  MUL,
  /** a / b. */
  DIV,
  /** min(a, b); the gradient goes to the smaller one, to {@code a} on a tie. */
  MIN,
  /** max(a, b); the gradient goes to the larger one, to {@code a} on a tie. */
  MAX
}
