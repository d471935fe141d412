package io.manifoldmuon.linalg.cpu;

import static io.manifoldmuon.linalg.cpu.Memory.LANES;
import static io.manifoldmuon.linalg.cpu.Memory.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/**
 * Vector functions whose bits do not depend on whether the JVM interprets or compiles them. The
 * library's own {@code lanewise(EXP)} and {@code reduceLanes(ADD)} give other roundings before and
 * after compilation, so that two replays of one step would differ.
 */
final class Vectors {
  private static final VectorShuffle<Float> HALF = rotation(LANES / 2);
  private static final VectorShuffle<Float> QUARTER = rotation(LANES / 4);
  private static final VectorShuffle<Float> EIGHTH = rotation(LANES / 8);
  private static final VectorShuffle<Float> SIXTEENTH = rotation(LANES / 16);

  private static final float LOG2_E = 1.442695f;
  private static final float LN2_HIGH = 0.6933594f;
  private static final float LN2_LOW = -0.00021219444f;

  private static final float LOWEST = -87.3f;
  private static final float HIGHEST = 88.37f;

  /** 1.5·2²³: adding and subtracting it rounds to an integer. */
  private static final float ROUND = 12582912f;

  private Vectors() {}

  private static VectorShuffle<Float> rotation(int by) {
    return VectorShuffle.fromOp(SPECIES, i -> (i + by) % LANES);
  }

  /** The sum of the lanes, halves first. */
  static float sum(FloatVector v) {
    FloatVector s = v;
    if (LANES >= 2) {
      s = s.add(s.rearrange(HALF));
    }
    if (LANES >= 4) {
      s = s.add(s.rearrange(QUARTER));
    }
    if (LANES >= 8) {
      s = s.add(s.rearrange(EIGHTH));
    }
    if (LANES >= 16) {
      s = s.add(s.rearrange(SIXTEENTH));
    }
    return s.lane(0);
  }

  /** The largest lane. */
  static float max(FloatVector v) {
    return v.reduceLanes(VectorOperators.MAX);
  }

  /**
   * eˣ; 0 below −87.3, infinity above 88.37, NaN for NaN.
   *
   * <p><b>Error</b> relative 1.2e-7 in between.
   *
   * <p><b>Source</b> Cephes {@code expf} (Moshier): argument reduction by ln 2 in two parts and a
   * polynomial of degree 5.
   */
  static FloatVector exp(FloatVector x) {
    FloatVector t = x.max(LOWEST).min(HIGHEST);
    FloatVector k = t.mul(LOG2_E).add(ROUND).sub(ROUND);
    FloatVector r = k.fma(constant(-LN2_HIGH), t);
    r = k.fma(constant(-LN2_LOW), r);
    FloatVector p = constant(0.00019875691f);
    p = p.fma(r, constant(0.0013981999f));
    p = p.fma(r, constant(0.008333452f));
    p = p.fma(r, constant(0.041665796f));
    p = p.fma(r, constant(0.16666666f));
    p = p.fma(r, constant(0.5f));
    p = p.fma(r.mul(r), r).add(1f);
    IntVector exponent = (IntVector) k.convert(VectorOperators.F2I, 0);
    return p.mul(exponent.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats())
        .blend(0f, x.compare(VectorOperators.LT, LOWEST))
        .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, HIGHEST));
  }

  /** The nearest bfloat16, ties to even; NaN for NaN. */
  static FloatVector bfloat16(FloatVector x) {
    IntVector bits = x.reinterpretAsInts();
    IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
    FloatVector rounded = bits.add(0x7FFF).add(odd).and(0xFFFF0000).reinterpretAsFloats();
    return rounded.blend(x, x.test(VectorOperators.IS_NAN));
  }

  /** 1/(1 + e⁻ˣ). */
  static FloatVector sigmoid(FloatVector x) {
    return constant(1f).div(exp(x.neg()).add(1f));
  }

  static FloatVector constant(float c) {
    return FloatVector.broadcast(SPECIES, c);
  }
}
