package uk.ac.manchester.tornado.api.types;

/** Conversion to bfloat16, the upper half of a float. */
public final class BFloat16 {
  private static final int HALF = 0x7FFF;
  private static final short NAN = 0x7FC0;

  private BFloat16() {}

  /**
   * The bits of the nearest bfloat16, ties to even, as the CUDA backend compiles it. The other
   * backends run TornadoVM's own code, which takes ties away from zero.
   */
  public static short bf16FromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    return Float.isNaN(value) ? NAN : (short) ((bits + HALF + ((bits >>> 16) & 1)) >>> 16);
  }
}
