package io.manifoldmuon.linalg;

import java.nio.charset.StandardCharsets;

/**
 * Random numbers as a pure function of (seed, stream, index): no state, so that any batch, noise
 * tensor or initial weight can be made again, in any order, on any thread and on every engine.
 *
 * <p><b>Source</b> the finaliser of SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable
 * pseudorandom number generators"), applied three times over the mixed-in words.
 */
public final class CounterRandom {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private CounterRandom() {}

  /** 64 well-mixed bits. */
  public static long bits(long seed, long stream, long index) {
    long h = mix(seed + GOLDEN);
    h = mix(h ^ (stream * 0xD1B54A32D192ED03L + GOLDEN));
    return mix(h + index * GOLDEN);
  }

  /** A real in [0, 1) with 53 random bits. */
  public static double uniform(long seed, long stream, long index) {
    return (bits(seed, stream, index) >>> 11) * 0x1.0p-53;
  }

  /** An integer in [0, bound), bias below bound/2⁶³. */
  public static long below(long bound, long seed, long stream, long index) {
    if (bound < 1) {
      throw new IllegalArgumentException("below: bound " + bound + " given, must be at least 1");
    }
    return Math.unsignedMultiplyHigh(bits(seed, stream, index), bound);
  }

  /** A sample of N(0, 1), by Box and Muller's transform of two uniforms. */
  public static double gaussian(long seed, long stream, long index) {
    double u = 1.0 - uniform(seed, stream, 2 * index);
    double v = uniform(seed, stream, 2 * index + 1);
    return StrictMath.sqrt(-2 * StrictMath.log(u)) * StrictMath.cos(2 * Math.PI * v);
  }

  /** A stream for a name: the 64-bit FNV-1a hash of its UTF-8 bytes, mixed. */
  public static long stream(String name) {
    long h = 0xCBF29CE484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      h = (h ^ (b & 0xFF)) * 0x100000001B3L;
    }
    return mix(h);
  }

  private static long mix(long z) {
    long x = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
    return x ^ (x >>> 31);
  }
}
