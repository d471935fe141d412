package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.Shape;

/** The factor on the length of an orthogonal update by the shape [fanOut, fanIn] of its matrix. */
public enum ShapeScaling {
  /** 1. */
  NONE,
  /** √max(1, fanOut/fanIn), as Muon has it (Jordan 2024). */
  ORIGINAL,
  /**
   * 0.2·√max(fanOut, fanIn): elements of the size that AdamW's have, so that both can share
   * learning rate and decay.
   *
   * <p><b>Source</b> Liu et al. 2025, arXiv 2502.16982, section 2.2.
   */
  MATCH_RMS_ADAMW;

  /** The factor for matrices of the last two dimensions of a shape. */
  public double factor(Shape shape) {
    double fanOut = shape.dim(-2);
    double fanIn = shape.dim(-1);
    return switch (this) {
      case NONE -> 1;
      case ORIGINAL -> Math.sqrt(Math.max(1, fanOut / fanIn));
      case MATCH_RMS_ADAMW -> 0.2 * Math.sqrt(Math.max(fanOut, fanIn));
    };
  }
}
