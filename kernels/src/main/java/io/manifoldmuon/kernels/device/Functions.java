package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.math.TornadoMath;

/**
 * The functions of one and two real variables, chosen by a number that TornadoVM folds into the
 * kernel, so that only one branch is compiled.
 *
 * <p>TornadoVM compiles a ≥ b as not a &lt; b, which is true for NaN. So every comparison here is
 * strict, and NaN takes the branch that remains when all comparisons have failed.
 */
@SuppressWarnings("StatementSwitchToExpressionSwitch") // TornadoVM compiles old-style switches only
public final class Functions {
  /** −x. */
  public static final int NEGATE = 0;

  /** |x|. */
  public static final int ABS = 1;

  /** −1, 0 or 1. */
  public static final int SIGN = 2;

  /** x². */
  public static final int SQUARE = 3;

  /** √x. */
  public static final int SQRT = 4;

  /** 1/x. */
  public static final int RECIPROCAL = 5;

  /** eˣ. */
  public static final int EXP = 6;

  /** ln x. */
  public static final int LOG = 7;

  /** σ(x) = 1/(1 + e⁻ˣ). */
  public static final int SIGMOID = 8;

  /** x·σ(x). */
  public static final int SILU = 9;

  /** x·Φ(x), Φ the distribution function of N(0, 1). */
  public static final int GELU = 10;

  /** The nearest bfloat16, ties to even. */
  public static final int ROUND_BFLOAT16 = 11;

  /** a + b. */
  public static final int ADD = 0;

  /** a − b. */
  public static final int SUB = 1;

  /** a · b. */
  public static final int MUL = 2;

  /** a / b. */
  public static final int DIV = 3;

  /** min(a, b), NaN where a or b is. */
  public static final int MIN = 4;

  /** max(a, b), NaN where a or b is. */
  public static final int MAX = 5;

  private Functions() {}

  /** f(x). */
  public static float value(int f, float x) {
    return switch (f) {
      case NEGATE -> -x;
      case ABS -> TornadoMath.abs(x);
      case SIGN -> sign(x);
      case SQUARE -> x * x;
      case SQRT -> TornadoMath.sqrt(x);
      case RECIPROCAL -> 1.0f / x;
      case EXP -> TornadoMath.exp(x);
      case LOG -> TornadoMath.log(x);
      case SIGMOID -> sigmoid(x);
      case SILU -> x * sigmoid(x);
      case GELU -> x * normalDistribution(x);
      default -> bfloat16(x); // ROUND_BFLOAT16
    };
  }

  /** f′(x). */
  public static float derivative(int f, float x) {
    return switch (f) {
      case NEGATE -> -1.0f;
      case ABS -> sign(x);
      case SIGN -> 0.0f;
      case SQUARE -> 2.0f * x;
      case SQRT -> 0.5f / TornadoMath.sqrt(x);
      case RECIPROCAL -> -1.0f / (x * x);
      case EXP -> TornadoMath.exp(x);
      case LOG -> 1.0f / x;
      case SIGMOID -> slope(TornadoMath.exp(-TornadoMath.abs(x)));
      case SILU -> siluSlope(x, TornadoMath.exp(-TornadoMath.abs(x)));
      case GELU -> normalDistribution(x) + x * 0.3989423f * TornadoMath.exp(-0.5f * x * x);
      default -> 1.0f; // ROUND_BFLOAT16
    };
  }

  /** f(a, b). */
  public static float combine(int f, float a, float b) {
    return switch (f) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case MIN -> a < b ? a : (b < a ? b : 0.5f * a + 0.5f * b);
      default -> a > b ? a : (b > a ? b : 0.5f * a + 0.5f * b);
    };
  }

  /** 1, or 0 for NaN. */
  public static int isNumber(float x) {
    return x < 1.0f ? 1 : (x > 0.5f ? 1 : 0);
  }

  /** 1, or 0 for NaN and infinities. */
  public static int isFinite(float x) {
    return 0.5f * TornadoMath.abs(x) < 3.4028235e38f ? 1 : 0;
  }

  /**
   * The nearest number with 8 significant bits, ties to the one that ends in a 0 bit. TornadoVM has
   * no way to the bits of a float: |x| = u/s with s a power of two and u in [1, 2) is found by
   * halves, and 128·u is rounded as an integer.
   */
  private static float bfloat16(float x) {
    float u = TornadoMath.abs(x);
    float s = 1.0f;
    float f = towardsOne(u, 0x1p64f, 0x1p-64f);
    u = u * f;
    s = s * f;
    f = towardsOne(u, 0x1p32f, 0x1p-32f);
    u = u * f;
    s = s * f;
    f = towardsOne(u, 0x1p16f, 0x1p-16f);
    u = u * f;
    s = s * f;
    f = towardsOne(u, 0x1p8f, 0x1p-8f);
    u = u * f;
    s = s * f;
    f = towardsOne(u, 0x1p4f, 0x1p-4f);
    u = u * f;
    s = s * f;
    f = towardsOne(u, 0x1p2f, 0x1p-2f);
    u = u * f;
    s = s * f;
    f = towardsOne(u, 0x1p1f, 0x1p-1f);
    u = u * f;
    s = s * f;
    int whole = (int) (128.0f * u);
    float rest = 128.0f * u - whole;
    int even = whole + (whole & 1);
    float rounded = rest > 0.5f ? whole + 1 : (rest < 0.5f ? whole : even);
    float y = rounded * 0.0078125f / s;
    float signed = x < 0.0f ? -y : y;
    return isFinite(x) == 1 ? signed : x;
  }

  /** A factor that brings u nearer to [1, 2): {@code small} from {@code large} on, or inverse. */
  private static float towardsOne(float u, float large, float small) {
    return u < 2.0f * small ? large : (u < large ? 1.0f : small);
  }

  private static float sign(float x) {
    return x > 0.0f ? 1.0f : (x < 0.0f ? -1.0f : x);
  }

  /** σ(x)·σ(−x), from e = e^−|x|. */
  private static float slope(float e) {
    float larger = 1.0f / (1.0f + e);
    return e * larger * larger;
  }

  /** σ(x)·(1 + x·σ(−x)), from e = e^−|x|: one of the two is 1/(1 + e), the other e/(1 + e). */
  private static float siluSlope(float x, float e) {
    float larger = 1.0f / (1.0f + e);
    float smaller = e * larger;
    return x > 0.0f ? larger * (1.0f + x * smaller) : smaller * (1.0f + x * larger);
  }

  private static float sigmoid(float x) {
    return 1.0f / (1.0f + TornadoMath.exp(-x));
  }

  /**
   * Φ(x) = ½·erfc(−x/√2), with erfc(z) = t·exp(−z² + p(t)), t = 1/(1 + z/2).
   *
   * <p><b>Error</b> of the fit 1.2e-7 relative.
   *
   * <p><b>Source</b> Press, Teukolsky, Vetterling and Flannery 1992, "Numerical Recipes", section
   * 6.2.
   */
  private static float normalDistribution(float x) {
    float t = 1.0f / (1.0f + 0.35355338f * TornadoMath.abs(x));
    float p = 0.17087277f * t - 0.82215223f;
    p = p * t + 1.48851587f;
    p = p * t - 1.13520398f;
    p = p * t + 0.27886807f;
    p = p * t - 0.18628806f;
    p = p * t + 0.09678418f;
    p = p * t + 0.37409196f;
    p = p * t + 1.00002368f;
    p = p * t - 1.26551223f;
    float tail = 0.5f * t * TornadoMath.exp(p - 0.5f * x * x);
    return x > 0.0f ? 1.0f - tail : tail;
  }
}
