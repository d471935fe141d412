package io.manifoldmuon.linalg.reference;

import io.manifoldmuon.linalg.BFloat16;
import io.manifoldmuon.linalg.graph.Align;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Unary;
import org.apache.commons.numbers.gamma.Erfc;

/** Functions of single elements, and repeating and summing along a prefix or suffix. */
final class Elementwise {
  private Elementwise() {}

  static double[] map(Unary f, Operands in) {
    double[] x = in.real(0);
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = value(f, x[i]);
    }
    return y;
  }

  static double[] mapBackward(Unary f, Operands in) {
    double[] x = in.real(0);
    double[] dy = in.real(1);
    double[] dx = new double[x.length];
    for (int i = 0; i < dx.length; i++) {
      dx[i] = derivative(f, x[i]) * dy[i];
    }
    return dx;
  }

  private static double value(Unary f, double x) {
    return switch (f) {
      case NEGATE -> -x;
      case ABS -> Math.abs(x);
      case SIGN -> Math.signum(x);
      case SQUARE -> x * x;
      case SQRT -> Math.sqrt(x);
      case RECIPROCAL -> 1 / x;
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case SIGMOID -> sigmoid(x);
      case SILU -> x * sigmoid(x);
      case GELU -> x * normalDistribution(x);
      case ROUND_BFLOAT16 -> BFloat16.round((float) x);
    };
  }

  private static double derivative(Unary f, double x) {
    return switch (f) {
      case NEGATE -> -1;
      case ABS -> Math.signum(x);
      case SIGN -> 0;
      case SQUARE -> 2 * x;
      case SQRT -> 0.5 / Math.sqrt(x);
      case RECIPROCAL -> -1 / (x * x);
      case EXP -> Math.exp(x);
      case LOG -> 1 / x;
      case SIGMOID -> sigmoid(x) * sigmoid(-x);
      case SILU -> sigmoid(x) * (1 + x * sigmoid(-x));
      case GELU -> normalDistribution(x) + x * normalDensity(x);
      case ROUND_BFLOAT16 -> 1;
    };
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** Φ(x). */
  private static double normalDistribution(double x) {
    return 0.5 * Erfc.value(-x / Math.sqrt(2));
  }

  /** φ(x) = Φ′(x). */
  private static double normalDensity(double x) {
    return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  }

  static double[] zip(Op.Zip o, Operands in) {
    double[] a = in.real(0);
    double[] b = in.real(1);
    double[] y = new double[a.length];
    for (int i = 0; i < y.length; i++) {
      double bi = b[small(i, b.length, a.length, o.align())];
      y[i] =
          switch (o.f()) {
            case ADD -> a[i] + bi;
            case SUB -> a[i] - bi;
            case MUL -> a[i] * bi;
            case DIV -> a[i] / bi;
            case MIN -> Math.min(a[i], bi);
            case MAX -> Math.max(a[i], bi);
          };
    }
    return y;
  }

  static double[] lerp(Operands in) {
    double[] a = in.real(0);
    double[] b = in.real(1);
    double t = in.scalar(2);
    double[] y = new double[a.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = a[i] + t * (b[i] - a[i]);
    }
    return y;
  }

  static double[] weightedSum(Op.WeightedSum o, Operands in) {
    double[] a = in.real(0);
    double[] b = in.real(1);
    int n = o.d() == 0 ? 1 : in.shape(0).dim(-1);
    double[] y = new double[a.length];
    for (int i = 0; i < y.length; i++) {
      boolean diagonal = i / n % n == i % n;
      y[i] = o.a() * a[i] + o.b() * b[i] + (diagonal ? o.d() : 0);
    }
    return y;
  }

  static double[] maxAbs(Operands in) {
    double[] x = in.real(0);
    double[] y = new double[in.outShape(0).size()];
    for (int i = 0; i < x.length; i++) {
      int at = small(i, y.length, x.length, Align.PREFIX);
      y[at] = Math.max(y[at], Math.abs(x[i])); // NaN wins
    }
    return y;
  }

  static double[] expand(Op.Expand o, Operands in) {
    double[] x = in.real(0);
    double[] y = new double[o.shape().size()];
    for (int i = 0; i < y.length; i++) {
      y[i] = x[small(i, x.length, y.length, o.align())];
    }
    return y;
  }

  static double[] sum(Op.Sum o, Operands in) {
    double[] x = in.real(0);
    double[] y = new double[o.shape().size()];
    for (int i = 0; i < x.length; i++) {
      y[small(i, y.length, x.length, o.align())] += x[i];
    }
    return y;
  }

  static double[] dot(Operands in) {
    double[] a = in.real(0);
    double[] b = in.real(1);
    double[] y = new double[in.outShape(0).size()];
    for (int i = 0; i < a.length; i++) {
      y[small(i, y.length, a.length, Align.PREFIX)] += a[i] * b[i];
    }
    return y;
  }

  /** The element of the small operand that stands beside element i of the large one. */
  private static int small(int i, int smallSize, int largeSize, Align align) {
    return switch (align) {
      case PREFIX -> i / (largeSize / smallSize);
      case SUFFIX -> i % smallSize;
    };
  }
}
