package io.manifoldmuon.linalg;

/** The element type of a tensor in a graph. */
public enum DType {
  /**
   * A real number, in the precision of the engine: float64 on {@code reference}, float32 elsewhere.
   */
  REAL,
  /** A 32-bit signed integer: token ids, expert indices, offsets, seeds. */
  INT
}
