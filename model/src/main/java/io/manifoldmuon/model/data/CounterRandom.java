package io.manifoldmuon.model.data;

import java.nio.charset.StandardCharsets;

/**
 * Random numbers as a pure function of a seed and counters, without state.
 *
 * <p><b>Source</b> the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), chained.
 */
final class CounterRandom {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private CounterRandom() {}

  /** 64 random bits for ({@code seed}, {@code a}, {@code b}). */
  static long bits(long seed, long a, long b) {
    return mix(mix(mix(seed + GOLDEN) + a * GOLDEN + 1) + b * GOLDEN + 1);
  }

  /** A number in [0, bound): ⌊bits · bound / 2⁶⁴⌋, biased by less than bound / 2⁶⁴. */
  static long below(long bound, long bits) {
    return Math.unsignedMultiplyHigh(bits, bound);
  }

  /** A number in [0, 1) with 53 random bits. */
  static double unit(long bits) {
    return (bits >>> 11) * 0x1p-53;
  }

  /** A hash of the name's UTF-8 bytes: FNV-1a, finalised. */
  static long hash(String name) {
    long h = 0xCBF29CE484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      h = (h ^ (b & 0xFF)) * 0x100000001B3L;
    }
    return mix(h);
  }

  private static long mix(long z) {
    long y = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    y = (y ^ (y >>> 27)) * 0x94D049BB133111EBL;
    return y ^ (y >>> 31);
  }
}
