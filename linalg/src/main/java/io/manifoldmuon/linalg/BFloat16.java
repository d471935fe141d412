package io.manifoldmuon.linalg;

/**
 * Conversions of float32 to bfloat16 and back: the upper half of a float32, with its range and 8
 * significant bits.
 */
public final class BFloat16 {
  /** The low half of a float32, less one: half of the last place that stays. */
  private static final int HALF = 0x7FFF;

  private static final int QUIET = 0x40;

  private BFloat16() {}

  /**
   * The bits of the nearest bfloat16, ties to even; beyond the largest, 3.39e38, of infinity; of
   * NaN for NaN.
   */
  public static short bits(float x) {
    int bits = Float.floatToRawIntBits(x);
    if (Float.isNaN(x)) {
      return (short) ((bits >>> 16) | QUIET); // still a NaN when the low half is gone
    }
    return (short) ((bits + HALF + ((bits >>> 16) & 1)) >>> 16);
  }

  /** The number of these bits. */
  public static float value(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** x rounded to the nearest bfloat16, as {@link #bits} does. */
  public static float round(float x) {
    return value(bits(x));
  }
}
