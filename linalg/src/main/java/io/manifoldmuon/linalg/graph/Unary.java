package io.manifoldmuon.linalg.graph;

/** The functions of one real variable that {@link Op.Map} applies to every element. */
public enum Unary {
  /** −x. */
  NEGATE,
  /** |x|; derivative sign(x). */
  ABS,
  /** −1, 0 or 1; derivative 0. */
  SIGN,
  /** x². */
  SQUARE,
  /** √x. */
  SQRT,
  /** 1/x. */
  RECIPROCAL,
  /** eˣ. */
  EXP,
  /** ln x. */
  LOG,
  /** σ(x) = 1/(1 + e⁻ˣ). */
  SIGMOID,
  /** x·σ(x), also called swish. */
  SILU,
  /** x·Φ(x), Φ the distribution function of N(0, 1): the exact form, by erf. */
  GELU,
  /**
   * x as the nearest bfloat16, ties to even; derivative 1, as if it were x. Numbers below the least
   * normal float32, 1.2e-38, may become 0. Products of two such operands are those that a device's
   * tensor cores make.
   */
  ROUND_BFLOAT16
}
