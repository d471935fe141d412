package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.math.TornadoMath;

/**
 * The functions of one and two real variables, chosen by a number that TornadoVM folds into the
 * kernel, so that only one branch is compiled.
 *
 * <p>TornadoVM compiles a ≥ b as not a &lt; b, which is true for NaN. So every comparison here is
 * strict, and NaN takes the branch that remains when all comparisons have failed.
 */
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
    float y;
    switch (f) {
      case NEGATE:
        y = -x;
        break;
      case ABS:
        y = TornadoMath.abs(x);
        break;
      case SIGN:
        y = sign(x);
        break;
      case SQUARE:
        y = x * x;
        break;
      case SQRT:
        y = TornadoMath.sqrt(x);
        break;
      case RECIPROCAL:
        y = 1.0f / x;
        break;
      case EXP:
        y = TornadoMath.exp(x);
        break;
      case LOG:
        y = TornadoMath.log(x);
        break;
      case SIGMOID:
        y = sigmoid(x);
        break;
      default:
        y = x * sigmoid(x);
        break;
    }
    return y;
  }

  /** f′(x). */
  public static float derivative(int f, float x) {
    float y;
    switch (f) {
      case NEGATE:
        y = -1.0f;
        break;
      case ABS:
        y = sign(x);
        break;
      case SIGN:
        y = 0.0f;
        break;
      case SQUARE:
        y = 2.0f * x;
        break;
      case SQRT:
        y = 0.5f / TornadoMath.sqrt(x);
        break;
      case RECIPROCAL:
        y = -1.0f / (x * x);
        break;
      case EXP:
        y = TornadoMath.exp(x);
        break;
      case LOG:
        y = 1.0f / x;
        break;
      case SIGMOID:
        y = sigmoid(x) * sigmoid(-x);
        break;
      default:
        y = sigmoid(x) * (1.0f + x * sigmoid(-x));
        break;
    }
    return y;
  }

  /** f(a, b). */
  public static float combine(int f, float a, float b) {
    float y;
    switch (f) {
      case ADD:
        y = a + b;
        break;
      case SUB:
        y = a - b;
        break;
      case MUL:
        y = a * b;
        break;
      case DIV:
        y = a / b;
        break;
      case MIN:
        y = a < b ? a : (b < a ? b : 0.5f * a + 0.5f * b);
        break;
      default:
        y = a > b ? a : (b > a ? b : 0.5f * a + 0.5f * b);
        break;
    }
    return y;
  }

  /** 1, or 0 for NaN. */
  public static int isNumber(float x) {
    return x < 1.0f ? 1 : (x > 0.5f ? 1 : 0);
  }

  /** 1, or 0 for NaN and infinities. */
  public static int isFinite(float x) {
    return TornadoMath.abs(x) < 3.4028235e38f ? 1 : 0;
  }

  private static float sign(float x) {
    return x > 0.0f ? 1.0f : (x < 0.0f ? -1.0f : x);
  }

  private static float sigmoid(float x) {
    return 1.0f / (1.0f + TornadoMath.exp(-x));
  }
}
