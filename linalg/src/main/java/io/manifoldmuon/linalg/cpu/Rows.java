package io.manifoldmuon.linalg.cpu;

import static io.manifoldmuon.linalg.cpu.Memory.LANES;
import static io.manifoldmuon.linalg.cpu.Memory.SPECIES;
import static io.manifoldmuon.linalg.cpu.Memory.get;
import static io.manifoldmuon.linalg.cpu.Memory.load;
import static io.manifoldmuon.linalg.cpu.Memory.set;
import static io.manifoldmuon.linalg.cpu.Memory.store;

import jdk.incubator.vector.FloatVector;

/**
 * Functions of one row of {@code n} elements at an address. An output may be an input: every
 * element is read before it is written.
 */
final class Rows {
  private Rows() {}

  // ---- root-mean-square normalisation -------------------------------------------------------

  static void rmsNorm(long x, long gain, long y, int n, float epsilon) {
    float r = inverseRms(x, n, epsilon);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      store(y, i, load(x, i).mul(r).mul(load(gain, i)));
    }
    for (; i < n; i++) {
      set(y, i, get(x, i) * r * get(gain, i));
    }
  }

  private static float inverseRms(long x, int n, float epsilon) {
    return (float) (1 / Math.sqrt(dot(x, x, n) / n + epsilon));
  }

  /** With r = 1/rms: dx = r·(gain·dy − x·r²·mean(gain·dy·x)), dgain += r·x·dy. */
  static void rmsNormBackward(
      long dy, long x, long gain, long dx, long dgain, int n, float epsilon) {
    float r = inverseRms(x, n, epsilon);
    float c = r * r * dot3(dy, x, gain, n) / n;
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector d = load(dy, i);
      FloatVector v = load(x, i);
      store(dgain, i, v.mul(r).fma(d, load(dgain, i)));
      store(dx, i, load(gain, i).mul(d).sub(v.mul(c)).mul(r));
    }
    for (; i < n; i++) {
      float d = get(dy, i);
      float v = get(x, i);
      set(dgain, i, Math.fma(v * r, d, get(dgain, i)));
      set(dx, i, (get(gain, i) * d - v * c) * r);
    }
  }

  static float dot(long a, long b, int n) {
    FloatVector s = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      s = load(a, i).fma(load(b, i), s);
    }
    float total = Vectors.sum(s);
    for (; i < n; i++) {
      total = Math.fma(get(a, i), get(b, i), total);
    }
    return total;
  }

  private static float dot3(long a, long b, long c, int n) {
    FloatVector s = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      s = load(a, i).mul(load(b, i)).fma(load(c, i), s);
    }
    float total = Vectors.sum(s);
    for (; i < n; i++) {
      total = Math.fma(get(a, i) * get(b, i), get(c, i), total);
    }
    return total;
  }

  // ---- softmax ------------------------------------------------------------------------------

  static float max(long x, int n) {
    FloatVector m = Vectors.constant(Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      m = m.max(load(x, i));
    }
    float max = Vectors.max(m);
    for (; i < n; i++) {
      max = Math.max(max, get(x, i));
    }
    return max;
  }

  /** y = e^(x − shift); returns the sum. */
  static float expSum(long x, float shift, long y, int n) {
    FloatVector s = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector e = Vectors.exp(load(x, i).sub(shift));
      store(y, i, e);
      s = s.add(e);
    }
    float total = Vectors.sum(s);
    for (; i < n; i++) {
      float e = (float) Math.exp(get(x, i) - shift);
      set(y, i, e);
      total += e;
    }
    return total;
  }

  /** Σ e^(x − shift). */
  private static float sumExp(long x, float shift, int n) {
    FloatVector s = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      s = s.add(Vectors.exp(load(x, i).sub(shift)));
    }
    float total = Vectors.sum(s);
    for (; i < n; i++) {
      total += (float) Math.exp(get(x, i) - shift);
    }
    return total;
  }

  static void scale(long x, float c, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      store(x, i, load(x, i).mul(c));
    }
    for (; i < n; i++) {
      set(x, i, get(x, i) * c);
    }
  }

  static void softmax(long x, long y, int n) {
    scale(y, 1 / expSum(x, max(x, n), y, n), n);
  }

  /** dx = p·(dy − Σ p·dy). */
  static void softmaxBackward(long dy, long p, long dx, int n) {
    float s = dot(dy, p, n);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      store(dx, i, load(dy, i).sub(s).mul(load(p, i)));
    }
    for (; i < n; i++) {
      set(dx, i, (get(dy, i) - s) * get(p, i));
    }
  }

  static float logSumExp(long x, int n) {
    float max = max(x, n);
    return max + (float) Math.log(sumExp(x, max, n));
  }

  /** dlogits = (e^(logits − lse) − onehot(target))·dloss. */
  static void crossEntropyBackward(
      long logits, float lse, int target, float dloss, long dlogits, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      store(dlogits, i, Vectors.exp(load(logits, i).sub(lse)).mul(dloss));
    }
    for (; i < n; i++) {
      set(dlogits, i, (float) Math.exp(get(logits, i) - lse) * dloss);
    }
    set(dlogits, target, get(dlogits, target) - dloss);
  }

  // ---- AdamW --------------------------------------------------------------------------------

  /**
   * The scalars of one AdamW step, as the kernel wants them, read anew for each step: stepSize =
   * lr/(1−β₁ᵗ), correction = 1/√(1−β₂ᵗ), keep = 1 − lr·decay.
   */
  static final class AdamWScalars {
    float gradScale;
    float beta1;
    float beta2;
    float correction;
    float epsilon;
    float stepSize;
    float keep;
  }

  /** The addresses of one AdamW update; outputs may be the inputs. */
  record AdamWBuffers(long p, long g, long m, long v, long newP, long newM, long newV) {}

  static void adamW(AdamWBuffers a, AdamWScalars s, long from, long to) {
    long i = from;
    float b1 = 1 - s.beta1;
    float b2 = 1 - s.beta2;
    for (; i <= to - LANES; i += LANES) {
      FloatVector g = load(a.g, i).mul(s.gradScale);
      FloatVector m = load(a.m, i).mul(s.beta1).add(g.mul(b1));
      FloatVector v = load(a.v, i).mul(s.beta2).add(g.mul(g).mul(b2));
      FloatVector d = v.sqrt().mul(s.correction).add(s.epsilon);
      store(a.newM, i, m);
      store(a.newV, i, v);
      store(a.newP, i, load(a.p, i).mul(s.keep).sub(m.mul(s.stepSize).div(d)));
    }
    for (; i < to; i++) {
      float g = get(a.g, i) * s.gradScale;
      float m = get(a.m, i) * s.beta1 + g * b1;
      float v = get(a.v, i) * s.beta2 + g * g * b2;
      float d = (float) Math.sqrt(v) * s.correction + s.epsilon;
      set(a.newM, i, m);
      set(a.newV, i, v);
      set(a.newP, i, get(a.p, i) * s.keep - m * s.stepSize / d);
    }
  }
}
