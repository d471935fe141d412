package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Optimizer steps that are one op, and random numbers. */
public final class Updates {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final float HALF_PI = 1.5707964f;
  private static final long QUADRANT = 0x8000000000000L;

  private Updates() {}

  /** Puts four scalars side by side; one work-item. */
  public static void packF32(
      KernelContext c,
      FloatArray x0,
      int o0,
      FloatArray x1,
      int o1,
      FloatArray x2,
      int o2,
      FloatArray x3,
      int o3,
      FloatArray y,
      int yo) {
    if (c.globalIdx == 0) {
      y.set(yo, x0.get(o0));
      y.set(yo + 1, x1.get(o1));
      y.set(yo + 2, x2.get(o2));
      y.set(yo + 3, x3.get(o3));
    }
  }

  /**
   * One AdamW step over p, m and v in place; s holds gradScale, lr, β₁, β₂, ε, decay, t. One
   * work-item an element.
   */
  public static void adamWF32(
      KernelContext c,
      FloatArray p,
      int po,
      FloatArray g,
      int go,
      FloatArray m,
      int mo,
      FloatArray v,
      int vo,
      FloatArray s,
      int so,
      int n) {
    int i = c.globalIdx;
    if (i < n) {
      float lr = s.get(so + 1);
      float beta1 = s.get(so + 2);
      float beta2 = s.get(so + 3);
      float t = s.get(so + 6);
      float grad = s.get(so) * g.get(go + i);
      float first = beta1 * m.get(mo + i) + (1.0f - beta1) * grad;
      float second = beta2 * v.get(vo + i) + (1.0f - beta2) * grad * grad;
      m.set(mo + i, first);
      v.set(vo + i, second);
      float mean = first / oneMinusPower(beta1, t);
      float root = TornadoMath.sqrt(second / oneMinusPower(beta2, t));
      float old = p.get(po + i);
      p.set(po + i, old - lr * (mean / (root + s.get(so + 4)) + s.get(so + 5) * old));
    }
  }

  /** 1 − βᵗ, relatively exact where β is near 1: 1 − e^(t·ln β), both by series near 0. */
  private static float oneMinusPower(float beta, float t) {
    float d = 1.0f - beta;
    float exponent = t * (d < 0.25f ? -negativeLog(d) : TornadoMath.log(beta));
    float series =
        -exponent
            * (1.0f
                + exponent
                    / 2.0f
                    * (1.0f
                        + exponent / 3.0f * (1.0f + exponent / 4.0f * (1.0f + exponent / 5.0f))));
    return exponent > -0.1f ? series : 1.0f - TornadoMath.exp(exponent);
  }

  /** −ln(1 − d) for 0 ≤ d ≤ ¼, by 2·artanh(d / (2 − d)). */
  private static float negativeLog(float d) {
    float z = d / (2.0f - d);
    float q = z * z;
    return 2.0f
        * z
        * (1.0f + q * (1.0f / 3.0f + q * (0.2f + q * (1.0f / 7.0f + q * (1.0f / 9.0f)))));
  }

  /**
   * Samples of N(0, 1) as {@code CounterRandom} defines them, in float32: Box and Muller's
   * transform of 53-bit uniforms by SplitMix64's finaliser.
   */
  public static void gaussianF32(
      KernelContext c, IntArray seed, int so, FloatArray y, int yo, int n, long stream) {
    int i = c.globalIdx;
    if (i < n) {
      long h = mix(seed.get(so) + GOLDEN);
      h = mix(h ^ (stream * 0xD1B54A32D192ED03L + GOLDEN));
      long a = shift(mix(h + 2L * i * GOLDEN), 11);
      long b = shift(mix(h + (2L * i + 1L) * GOLDEN), 11);
      float u = a * 0x1.0p-53f;
      float upper = (0x20000000000000L - a) * 0x1.0p-53f;
      float square = 2.0f * (u < 0.25f ? negativeLog(u) : -TornadoMath.log(upper));
      y.set(yo + i, TornadoMath.sqrt(square) * cosine(b));
    }
  }

  /**
   * cos(2π·b/2⁵³), relatively exact also near its zeros: the two highest bits of b are the
   * quadrant, the others count from where the cosine is 1, or from where it is 0 if that is nearer.
   */
  private static float cosine(long b) {
    int quadrant = (int) (b >> 51);
    long rest = b & (QUADRANT - 1L);
    long fromOne = quadrant % 2 == 0 ? rest : QUADRANT - rest;
    float near = TornadoMath.cos(HALF_PI * (fromOne * 0x1.0p-51f));
    float far = TornadoMath.sin(HALF_PI * ((QUADRANT - fromOne) * 0x1.0p-51f));
    float size = 2L * fromOne < QUADRANT ? near : far;
    return quadrant == 1 || quadrant == 2 ? -size : size;
  }

  private static long mix(long z) {
    long x = (z ^ shift(z, 30)) * 0xBF58476D1CE4E5B9L;
    x = (x ^ shift(x, 27)) * 0x94D049BB133111EBL;
    return x ^ shift(x, 31);
  }

  /** z >>> n, which TornadoVM compiles as z >> n. */
  private static long shift(long z, int n) {
    return (z >> n) & ((1L << (64 - n)) - 1L);
  }
}
