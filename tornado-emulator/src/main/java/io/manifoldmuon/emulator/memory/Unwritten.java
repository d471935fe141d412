package io.manifoldmuon.emulator.memory;

import java.util.Arrays;

/**
 * What is in private and local arrays before they are written: values that no kernel comes to by
 * itself, a NaN with a mark or a number without meaning.
 */
public final class Unwritten {
  private static final int FLOAT = 0x7FE1_A5C3;
  private static final long DOUBLE = 0x7FFC_1A5C_39E7_B2D4L;
  private static final int INT = 0xA5C3_9E17;
  private static final long LONG = 0xA5C3_9E17_5B2D_86F1L;

  private Unwritten() {}

  /** Fills a new array, if it is of a type that has such a value. */
  public static void fill(Object array) {
    switch (array) {
      case float[] a -> Arrays.fill(a, Float.intBitsToFloat(FLOAT));
      case double[] a -> Arrays.fill(a, Double.longBitsToDouble(DOUBLE));
      case int[] a -> Arrays.fill(a, INT);
      case long[] a -> Arrays.fill(a, LONG);
      default -> {} // too few values to spare one
    }
  }

  /** Whether {@code value} is that of an element that was never written. */
  public static boolean is(float value) {
    return Float.floatToRawIntBits(value) == FLOAT;
  }

  /** Whether {@code value} is that of an element that was never written. */
  public static boolean is(double value) {
    return Double.doubleToRawLongBits(value) == DOUBLE;
  }

  /** Whether {@code value} is that of an element that was never written. */
  public static boolean is(int value) {
    return value == INT;
  }

  /** Whether {@code value} is that of an element that was never written. */
  public static boolean is(long value) {
    return value == LONG;
  }
}
