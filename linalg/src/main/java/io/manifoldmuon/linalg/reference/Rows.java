package io.manifoldmuon.linalg.reference;

/** Normalisations of rows: RMS, softmax, log-sum-exp, and their adjoints. */
final class Rows {
  private Rows() {}

  /** y = x·r·gain with r = 1/√(mean(x²) + ε). */
  static double[] rmsNorm(double epsilon, Operands in) {
    double[] x = in.real(0);
    double[] gain = in.real(1);
    int width = gain.length;
    double[] y = new double[x.length];
    for (int row = 0; row < x.length; row += width) {
      double r = inverseRms(x, row, width, epsilon);
      for (int j = 0; j < width; j++) {
        y[row + j] = x[row + j] * r * gain[j];
      }
    }
    return y;
  }

  /** dx = r·(gain·dy − x·r²·mean(gain·dy·x)), dgain = Σ over rows of dy·x·r. */
  static Object[] rmsNormBackward(double epsilon, Operands in) {
    double[] dy = in.real(0);
    double[] x = in.real(1);
    double[] gain = in.real(2);
    int width = gain.length;
    double[] dx = new double[x.length];
    double[] dgain = new double[width];
    for (int row = 0; row < x.length; row += width) {
      double r = inverseRms(x, row, width, epsilon);
      double mean = 0;
      for (int j = 0; j < width; j++) {
        mean += gain[j] * dy[row + j] * x[row + j] / width;
      }
      for (int j = 0; j < width; j++) {
        dx[row + j] = r * (gain[j] * dy[row + j] - x[row + j] * r * r * mean);
        dgain[j] += dy[row + j] * x[row + j] * r;
      }
    }
    return new Object[] {dx, dgain};
  }

  private static double inverseRms(double[] x, int from, int width, double epsilon) {
    double squares = 0;
    for (int j = 0; j < width; j++) {
      squares += x[from + j] * x[from + j];
    }
    return 1 / Math.sqrt(squares / width + epsilon);
  }

  static double[] softmax(Operands in) {
    double[] x = in.real(0);
    int width = in.shape(0).dim(-1);
    double[] y = new double[x.length];
    for (int row = 0; row < x.length; row += width) {
      double lse = logSumExp(x, row, width);
      for (int j = 0; j < width; j++) {
        y[row + j] = Math.exp(x[row + j] - lse);
      }
    }
    return y;
  }

  static double[] softmaxBackward(Operands in) {
    double[] dy = in.real(0);
    double[] p = in.real(1);
    int width = in.shape(0).dim(-1);
    double[] dx = new double[p.length];
    for (int row = 0; row < p.length; row += width) {
      double dot = 0;
      for (int j = 0; j < width; j++) {
        dot += p[row + j] * dy[row + j];
      }
      for (int j = 0; j < width; j++) {
        dx[row + j] = p[row + j] * (dy[row + j] - dot);
      }
    }
    return dx;
  }

  static double[] logSumExp(Operands in) {
    double[] x = in.real(0);
    int width = in.shape(0).dim(-1);
    double[] y = new double[x.length / width];
    for (int row = 0; row < y.length; row++) {
      y[row] = logSumExp(x, row * width, width);
    }
    return y;
  }

  /** ln Σ e^x of the {@code width} elements from {@code from} on, shifted by the largest. */
  static double logSumExp(double[] x, int from, int width) {
    double max = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < width; j++) {
      max = Math.max(max, x[from + j]);
    }
    double sum = 0;
    for (int j = 0; j < width; j++) {
      sum += Math.exp(x[from + j] - max);
    }
    return max + Math.log(sum);
  }
}
