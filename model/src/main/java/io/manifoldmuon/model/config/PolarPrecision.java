package io.manifoldmuon.model.config;

/**
 * What {@code polar_precision} can name: the precision of the products that make an update
 * orthogonal.
 */
public enum PolarPrecision {
  /** The engine's. */
  FLOAT32("float32"),
  /** Operands rounded to bfloat16, which tensor cores multiply where the device has them. */
  BFLOAT16("bfloat16");

  private final String spelling;

  PolarPrecision(String spelling) {
    this.spelling = spelling;
  }

  /** The name as configurations spell it. */
  @Override
  public String toString() {
    return spelling;
  }
}
