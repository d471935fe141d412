package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Many small steps in one task: values of a few numbers each, one for every matrix or row of a
 * stack, on which a kernel of their own would cost much more to compile and launch than to run.
 *
 * <p>The steps are data. Step s is the {@value #LENGTH} numbers of {@code code} from 1 + {@value
 * #LENGTH}·s on: the kind, the function of {@link Functions}, the elements of the result, where the
 * result starts, the terms of each of its sums (0 for a step that is no sum), and for each of three
 * operands which array holds it, where it starts, its run and its period. Element i of a step reads
 * operand element (i / run) % period, or term j of its sum i·run + j·period.
 */
public final class SmallSteps {
  /** The work-items of the one group. */
  public static final int GROUP = 64;

  /** The numbers of a step. */
  public static final int LENGTH = 17;

  /** y = f(a). */
  public static final int MAP = 0;

  /** y = f′(a)·b. */
  public static final int MAP_BACKWARD = 1;

  /** y = f(a, b). */
  public static final int ZIP = 2;

  /** y = a + c·(b − a), c one element. */
  public static final int LERP = 3;

  /** y = c₀·a + c₁·b. */
  public static final int WEIGHTED_SUM = 4;

  /** y = Σ a. */
  public static final int SUM = 5;

  /** y = Σ a·b. */
  public static final int DOT = 6;

  /** y = max |a|, NaN if one is. */
  public static final int MAX_ABS = 7;

  /** y = a. */
  public static final int COPY = 8;

  /** An operand in the array that the steps write. */
  public static final int VALUES = 0;

  /** An operand in the array of inputs. */
  public static final int INPUTS = 1;

  /** An operand in the array of constants. */
  public static final int CONSTANTS = 2;

  /**
   * An operand in the first of the other arrays, which steps read; the next have the next numbers.
   */
  public static final int OTHERS = 3;

  /** How many other arrays there are. */
  public static final int MOST_OTHERS = 4;

  private SmallSteps() {}

  /** Runs the code[0] steps in order; one group. */
  public static void smallStepsF32(
      KernelContext c,
      IntArray code,
      FloatArray values,
      FloatArray inputs,
      FloatArray constants,
      FloatArray x0,
      FloatArray x1,
      FloatArray x2,
      FloatArray x3) {
    int steps = code.get(0);
    for (int s = 0; s < steps; s++) {
      int at = 1 + LENGTH * s;
      int kind = code.get(at);
      int f = code.get(at + 1);
      int n = code.get(at + 2);
      int to = code.get(at + 3);
      int terms = code.get(at + 4);
      for (int i = c.localIdx; i < n; i += GROUP) {
        float sum = 0.0f;
        for (int j = 0; j < terms; j++) {
          float x = element(code, at + 5, i, j, values, inputs, constants, x0, x1, x2, x3);
          float y = element(code, at + 9, i, j, values, inputs, constants, x0, x1, x2, x3);
          sum = add(kind, sum, x, y);
        }
        float a = element(code, at + 5, i, -1, values, inputs, constants, x0, x1, x2, x3);
        float b = element(code, at + 9, i, -1, values, inputs, constants, x0, x1, x2, x3);
        float v = 0.0f;
        float w = 0.0f;
        if (kind == LERP || kind == WEIGHTED_SUM) {
          v = element(code, at + 13, 0, -1, values, inputs, constants, x0, x1, x2, x3);
          w =
              element(
                  code,
                  at + 13,
                  kind == LERP ? 0 : 1,
                  -1,
                  values,
                  inputs,
                  constants,
                  x0,
                  x1,
                  x2,
                  x3);
        }
        values.set(to + i, result(kind, f, a, b, v, w, sum));
      }
      c.globalBarrier();
    }
  }

  /** Term j of sum i, or with j = −1 what element i reads. */
  private static float element(
      IntArray code,
      int at,
      int i,
      int j,
      FloatArray values,
      FloatArray inputs,
      FloatArray constants,
      FloatArray x0,
      FloatArray x1,
      FloatArray x2,
      FloatArray x3) {
    int from = code.get(at + 1);
    int run = code.get(at + 2);
    int period = code.get(at + 3);
    int place = j < 0 ? from + (i / run) % period : from + i * run + j * period;
    return read(code.get(at), place, values, inputs, constants, x0, x1, x2, x3);
  }

  /** Not a switch, whose last label TornadoVM forgets. */
  @SuppressWarnings("IfChainToSwitch")
  private static float read(
      int array,
      int place,
      FloatArray values,
      FloatArray inputs,
      FloatArray constants,
      FloatArray x0,
      FloatArray x1,
      FloatArray x2,
      FloatArray x3) {
    float x;
    if (array == VALUES) {
      x = values.get(place);
    } else if (array == INPUTS) {
      x = inputs.get(place);
    } else if (array == CONSTANTS) {
      x = constants.get(place);
    } else if (array == OTHERS) {
      x = x0.get(place);
    } else if (array == OTHERS + 1) {
      x = x1.get(place);
    } else if (array == OTHERS + 2) {
      x = x2.get(place);
    } else {
      x = x3.get(place);
    }
    return x;
  }

  private static float add(int kind, float sum, float x, float y) {
    float more = sum + (kind == DOT ? x * y : x);
    return kind == MAX_ABS
        ? Functions.combine(Functions.MAX, sum, Functions.value(Functions.ABS, x))
        : more;
  }

  /** What a step makes of an element; not a switch, whose last label TornadoVM forgets. */
  @SuppressWarnings("IfChainToSwitch")
  private static float result(int kind, int f, float a, float b, float v, float w, float sum) {
    float y = sum;
    if (kind == MAP) {
      y = Functions.value(f, a);
    } else if (kind == MAP_BACKWARD) {
      y = Functions.derivative(f, a) * b;
    } else if (kind == ZIP) {
      y = Functions.combine(f, a, b);
    } else if (kind == LERP) {
      y = a + w * (b - a);
    } else if (kind == WEIGHTED_SUM) {
      y = v * a + w * b;
    } else if (kind == COPY) {
      y = a;
    }
    return y;
  }
}
