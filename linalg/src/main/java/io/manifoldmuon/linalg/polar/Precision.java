package io.manifoldmuon.linalg.polar;

/** What the operands of the products of a {@link PolarIteration} are rounded to. */
public enum Precision {
  /** To nothing: they are as the engine has them. */
  FLOAT32,
  /** To bfloat16, as tensor cores take them; the products are added up as the engine adds. */
  BFLOAT16
}
