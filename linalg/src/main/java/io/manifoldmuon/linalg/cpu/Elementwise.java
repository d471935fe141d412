package io.manifoldmuon.linalg.cpu;

import static io.manifoldmuon.linalg.cpu.Memory.LANES;
import static io.manifoldmuon.linalg.cpu.Memory.SPECIES;
import static io.manifoldmuon.linalg.cpu.Memory.get;
import static io.manifoldmuon.linalg.cpu.Memory.load;
import static io.manifoldmuon.linalg.cpu.Memory.set;
import static io.manifoldmuon.linalg.cpu.Memory.store;

import io.manifoldmuon.linalg.BFloat16;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.Unary;
import jdk.incubator.vector.FloatVector;

/**
 * Functions applied element by element to the range [from, to). Each function has a loop of its
 * own: a vector that passes through a shared call site would be boxed.
 */
final class Elementwise {
  private Elementwise() {}

  // ---- y = f(x) -----------------------------------------------------------------------------

  static void map(Unary f, long x, long y, long from, long to) {
    long i = from;
    long end = to - LANES;
    switch (f) {
      case NEGATE -> {
        for (; i <= end; i += LANES) {
          store(y, i, load(x, i).neg());
        }
      }
      case ABS -> {
        for (; i <= end; i += LANES) {
          store(y, i, load(x, i).abs());
        }
      }
      case SQUARE -> {
        for (; i <= end; i += LANES) {
          FloatVector v = load(x, i);
          store(y, i, v.mul(v));
        }
      }
      case SQRT -> {
        for (; i <= end; i += LANES) {
          store(y, i, load(x, i).sqrt());
        }
      }
      case RECIPROCAL -> {
        for (; i <= end; i += LANES) {
          store(y, i, Vectors.constant(1).div(load(x, i)));
        }
      }
      case EXP -> {
        for (; i <= end; i += LANES) {
          store(y, i, Vectors.exp(load(x, i)));
        }
      }
      case SIGMOID -> {
        for (; i <= end; i += LANES) {
          store(y, i, Vectors.sigmoid(load(x, i)));
        }
      }
      case SILU -> {
        for (; i <= end; i += LANES) {
          FloatVector v = load(x, i);
          store(y, i, v.mul(Vectors.sigmoid(v)));
        }
      }
      case GELU -> {
        for (; i <= end; i += LANES) {
          FloatVector v = load(x, i);
          store(y, i, v.mul(NormalVectors.distribution(v)));
        }
      }
      case ROUND_BFLOAT16 -> {
        for (; i <= end; i += LANES) {
          store(y, i, Vectors.bfloat16(load(x, i)));
        }
      }
      case SIGN, LOG -> {
        // scalar below: rare and cheap
      }
    }
    for (; i < to; i++) {
      set(y, i, map(f, get(x, i)));
    }
  }

  private static float sigmoid(float x) {
    return (float) (1 / (1 + Math.exp(-x)));
  }

  private static float map(Unary f, float x) {
    return switch (f) {
      case NEGATE -> -x;
      case ABS -> Math.abs(x);
      case SIGN -> Math.signum(x);
      case SQUARE -> x * x;
      case SQRT -> (float) Math.sqrt(x);
      case RECIPROCAL -> 1 / x;
      case EXP -> (float) Math.exp(x);
      case LOG -> (float) Math.log(x);
      case SIGMOID -> sigmoid(x);
      case SILU -> x * sigmoid(x);
      case GELU -> (float) (x * NormalVectors.distribution(x));
      case ROUND_BFLOAT16 -> BFloat16.round(x);
    };
  }

  // ---- dx = f′(x)·dy ------------------------------------------------------------------------

  static void mapBackward(Unary f, long x, long dy, long dx, long from, long to) {
    long i = from;
    long end = to - LANES;
    switch (f) {
      case SQUARE -> {
        for (; i <= end; i += LANES) {
          store(dx, i, load(x, i).mul(2).mul(load(dy, i)));
        }
      }
      case SIGMOID -> {
        for (; i <= end; i += LANES) {
          FloatVector s = Vectors.sigmoid(load(x, i));
          store(dx, i, s.sub(s.mul(s)).mul(load(dy, i)));
        }
      }
      case SILU -> {
        for (; i <= end; i += LANES) {
          FloatVector v = load(x, i);
          FloatVector s = Vectors.sigmoid(v);
          // σ + xσ(1−σ)
          store(dx, i, s.add(v.mul(s.sub(s.mul(s)))).mul(load(dy, i)));
        }
      }
      case GELU -> {
        for (; i <= end; i += LANES) {
          FloatVector v = load(x, i);
          FloatVector slope = v.fma(NormalVectors.density(v), NormalVectors.distribution(v));
          store(dx, i, slope.mul(load(dy, i)));
        }
      }
      case NEGATE, ABS, SIGN, SQRT, RECIPROCAL, EXP, LOG, ROUND_BFLOAT16 -> {
        // scalar below: no hot path uses them
      }
    }
    for (; i < to; i++) {
      set(dx, i, derivative(f, get(x, i)) * get(dy, i));
    }
  }

  private static float derivative(Unary f, float x) {
    return switch (f) {
      case NEGATE -> -1;
      case ABS -> Math.signum(x);
      case SIGN -> 0;
      case SQUARE -> 2 * x;
      case SQRT -> (float) (0.5 / Math.sqrt(x));
      case RECIPROCAL -> -1 / (x * x);
      case EXP -> (float) Math.exp(x);
      case LOG -> 1 / x;
      case SIGMOID -> {
        float s = sigmoid(x);
        yield s * (1 - s);
      }
      case SILU -> {
        float s = sigmoid(x);
        yield s + x * s * (1 - s);
      }
      case GELU -> (float) (NormalVectors.distribution(x) + x * NormalVectors.density(x));
      case ROUND_BFLOAT16 -> 1;
    };
  }

  // ---- y = f(a, b) --------------------------------------------------------------------------

  /** Operands of one shape. */
  static void zip(Binary f, long a, long b, long y, long from, long to) {
    long i = from;
    long end = to - LANES;
    switch (f) {
      case ADD -> {
        for (; i <= end; i += LANES) {
          store(y, i, load(a, i).add(load(b, i)));
        }
      }
      case SUB -> {
        for (; i <= end; i += LANES) {
          store(y, i, load(a, i).sub(load(b, i)));
        }
      }
      case MUL -> {
        for (; i <= end; i += LANES) {
          store(y, i, load(a, i).mul(load(b, i)));
        }
      }
      case DIV -> {
        for (; i <= end; i += LANES) {
          store(y, i, load(a, i).div(load(b, i)));
        }
      }
      case MIN -> {
        for (; i <= end; i += LANES) {
          store(y, i, load(a, i).min(load(b, i)));
        }
      }
      case MAX -> {
        for (; i <= end; i += LANES) {
          store(y, i, load(a, i).max(load(b, i)));
        }
      }
    }
    for (; i < to; i++) {
      set(y, i, zip(f, get(a, i), get(b, i)));
    }
  }

  /** The second operand is one number for the whole range. */
  static void zipScalar(Binary f, long a, float b, long y, long from, long to) {
    long i = from;
    long end = to - LANES;
    switch (f) {
      case ADD -> {
        for (; i <= end; i += LANES) {
          store(y, i, load(a, i).add(b));
        }
      }
      case SUB -> {
        for (; i <= end; i += LANES) {
          store(y, i, load(a, i).sub(b));
        }
      }
      case MUL -> {
        for (; i <= end; i += LANES) {
          store(y, i, load(a, i).mul(b));
        }
      }
      case DIV -> {
        for (; i <= end; i += LANES) {
          store(y, i, load(a, i).div(b));
        }
      }
      case MIN -> {
        for (; i <= end; i += LANES) {
          store(y, i, load(a, i).min(b));
        }
      }
      case MAX -> {
        for (; i <= end; i += LANES) {
          store(y, i, load(a, i).max(b));
        }
      }
    }
    for (; i < to; i++) {
      set(y, i, zip(f, get(a, i), b));
    }
  }

  private static float zip(Binary f, float a, float b) {
    return switch (f) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case MIN -> Math.min(a, b);
      case MAX -> Math.max(a, b);
    };
  }

  static void fill(long y, float value, long from, long to) {
    long i = from;
    FloatVector v = Vectors.constant(value);
    for (; i <= to - LANES; i += LANES) {
      store(y, i, v);
    }
    for (; i < to; i++) {
      set(y, i, value);
    }
  }

  // ---- sums over a range --------------------------------------------------------------------

  /** Elements added up in float32 before the partial sum goes to float64. */
  private static final int BLOCK = 4096;

  static double sum(long x, long from, long to) {
    double total = 0;
    for (long start = from; start < to; start += BLOCK) {
      long stop = Math.min(to, start + BLOCK);
      FloatVector s = FloatVector.zero(SPECIES);
      long i = start;
      for (; i <= stop - LANES; i += LANES) {
        s = s.add(load(x, i));
      }
      total += Vectors.sum(s);
      for (; i < stop; i++) {
        total += get(x, i);
      }
    }
    return total;
  }

  /** max |x|, NaN if one is. */
  static float maxAbs(long x, long from, long to) {
    FloatVector s = FloatVector.zero(SPECIES);
    long i = from;
    for (; i <= to - LANES; i += LANES) {
      s = s.max(load(x, i).abs());
    }
    float most = Vectors.max(s);
    for (; i < to; i++) {
      most = Math.max(most, Math.abs(get(x, i)));
    }
    return most;
  }

  static double dot(long a, long b, long from, long to) {
    double total = 0;
    for (long start = from; start < to; start += BLOCK) {
      long stop = Math.min(to, start + BLOCK);
      FloatVector s = FloatVector.zero(SPECIES);
      FloatVector t = FloatVector.zero(SPECIES);
      long i = start;
      for (; i <= stop - 2L * LANES; i += 2L * LANES) {
        s = load(a, i).fma(load(b, i), s);
        t = load(a, i + LANES).fma(load(b, i + LANES), t);
      }
      for (; i <= stop - LANES; i += LANES) {
        s = load(a, i).fma(load(b, i), s);
      }
      total += Vectors.sum(s.add(t));
      for (; i < stop; i++) {
        total += get(a, i) * get(b, i);
      }
    }
    return total;
  }

  /** y = a + t·(b − a); y may be a or b. */
  static void lerp(long a, long b, float t, long y, long from, long to) {
    long i = from;
    FloatVector v = Vectors.constant(t);
    for (; i <= to - LANES; i += LANES) {
      FloatVector x = load(a, i);
      store(y, i, load(b, i).sub(x).fma(v, x));
    }
    for (; i < to; i++) {
      float x = get(a, i);
      set(y, i, Math.fma(get(b, i) - x, t, x));
    }
  }

  /** y = wa·a + wb·b; y may be a or b. */
  static void weightedSum(float wa, long a, float wb, long b, long y, long from, long to) {
    long i = from;
    FloatVector va = Vectors.constant(wa);
    for (; i <= to - LANES; i += LANES) {
      store(y, i, load(a, i).fma(va, load(b, i).mul(wb)));
    }
    for (; i < to; i++) {
      set(y, i, Math.fma(get(a, i), wa, get(b, i) * wb));
    }
  }

  /** y += c·x. */
  static void addScaled(long x, float c, long y, long count) {
    long i = 0;
    FloatVector v = Vectors.constant(c);
    for (; i <= count - LANES; i += LANES) {
      store(y, i, load(x, i).fma(v, load(y, i)));
    }
    for (; i < count; i++) {
      set(y, i, Math.fma(get(x, i), c, get(y, i)));
    }
  }

  /** y = c·x. */
  static void scaled(long x, float c, long y, long count) {
    zipScalar(Binary.MUL, x, c, y, 0, count);
  }
}
