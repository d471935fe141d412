package io.manifoldmuon.model.nn;

import java.util.Arrays;

/** Vectors in plain loops, for the models that are written without the graph. */
final class PlainArithmetic {
  private PlainArithmetic() {}

  /** factor · W x, W the rows × x.length elements of w from {@code offset} on. */
  static double[] product(double[] w, int offset, int rows, double[] x, double factor) {
    double[] y = new double[rows];
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < x.length; i++) {
        y[r] += factor * w[offset + r * x.length + i] * x[i];
      }
    }
    return y;
  }

  static void add(double[] y, double[] x, double factor) {
    for (int i = 0; i < y.length; i++) {
      y[i] += factor * x[i];
    }
  }

  static void scale(double[] x, double factor) {
    for (int i = 0; i < x.length; i++) {
      x[i] *= factor;
    }
  }

  static double logSumExp(double[] x) {
    return Math.log(Arrays.stream(x).map(Math::exp).sum());
  }

  static double[] softmax(double[] x) {
    double lse = logSumExp(x);
    return Arrays.stream(x).map(v -> Math.exp(v - lse)).toArray();
  }

  /** x/‖x‖. */
  static double[] unit(double[] x) {
    double length = Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
    return Arrays.stream(x).map(v -> v / length).toArray();
  }

  /** Turns pairs of every head of {@code size} by the position. */
  static void turn(double[] x, int position, int size, double base) {
    for (int i = 0; i < x.length; i += 2) {
      double angle = position * Math.pow(base, -(double) (i % size) / size);
      double a = x[i];
      double b = x[i + 1];
      x[i] = a * Math.cos(angle) - b * Math.sin(angle);
      x[i + 1] = a * Math.sin(angle) + b * Math.cos(angle);
    }
  }

  /**
   * Adds what position t takes from those up to it, for the head at {@code from}, to {@code out}.
   *
   * @param qkv queries, keys and values by position
   */
  static void attendOneHead(
      double[][][] qkv, int t, int from, int size, double scale, double[] out) {
    double[] scores = new double[t + 1];
    for (int s = 0; s <= t; s++) {
      for (int i = from; i < from + size; i++) {
        scores[s] += qkv[0][t][i] * qkv[1][s][i] * scale;
      }
    }
    double[] p = softmax(scores);
    for (int s = 0; s <= t; s++) {
      for (int i = from; i < from + size; i++) {
        out[i] += p[s] * qkv[2][s][i];
      }
    }
  }
}
