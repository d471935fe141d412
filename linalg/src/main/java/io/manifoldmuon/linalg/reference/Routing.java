package io.manifoldmuon.linalg.reference;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.graph.Op;

/** Choosing experts, sorting token rows by expert, and bringing them back. */
final class Routing {
  private Routing() {}

  static int[] topK(Op.TopK o, Operands in) {
    double[] scores = in.real(0);
    int columns = in.shape(0).dim(1);
    int[] index = new int[in.outShape(0).size()];
    for (int n = 0; n < in.shape(0).dim(0); n++) {
      boolean[] taken = new boolean[columns];
      for (int j = 0; j < o.k(); j++) {
        int best = -1;
        for (int c = 0; c < columns; c++) {
          double score = scores[n * columns + c];
          if (Double.isNaN(score)) {
            throw new NumericalException(
                in.node().where()
                    + ": score of row "
                    + n
                    + ", column "
                    + c
                    + " is NaN, wanted a number; the model has diverged, lower the learning rate");
          }
          if (!taken[c] && (best < 0 || score > scores[n * columns + best])) {
            best = c;
          }
        }
        taken[best] = true;
        index[n * o.k() + j] = best;
      }
    }
    return index;
  }

  static int[] roundRobin(Op.RoundRobin o) {
    int[] index = new int[o.tokens() * o.k()];
    for (int s = 0; s < index.length; s++) {
      index[s] = s % o.experts();
    }
    return index;
  }

  static double[] takeColumns(Operands in) {
    double[] x = in.real(0);
    int columns = in.shape(0).dim(1);
    int[] index = in.indices(1, columns);
    int k = in.shape(1).dim(1);
    double[] y = new double[index.length];
    for (int s = 0; s < y.length; s++) {
      y[s] = x[s / k * columns + index[s]];
    }
    return y;
  }

  static double[] takeColumnsBackward(Op.TakeColumnsBackward o, Operands in) {
    double[] dy = in.real(0);
    int[] index = in.indices(1, o.columns());
    int k = in.shape(1).dim(1);
    double[] dx = new double[in.outShape(0).size()];
    for (int s = 0; s < dy.length; s++) {
      dx[s / k * o.columns() + index[s]] += dy[s];
    }
    return dx;
  }

  static Object[] dispatch(Op.Dispatch o, Operands in) {
    int[] index = in.indices(0, o.experts());
    int[] offsets = new int[o.experts() + 1];
    for (int e : index) {
      offsets[e + 1]++;
    }
    for (int e = 0; e < o.experts(); e++) {
      offsets[e + 1] += offsets[e];
    }
    int[] next = offsets.clone();
    int[] position = new int[index.length];
    for (int s = 0; s < index.length; s++) {
      position[s] = next[index[s]]++;
    }
    return new Object[] {position, offsets};
  }

  static double[] counts(Operands in) {
    int[] offsets = in.ints(0);
    double[] y = new double[offsets.length - 1];
    for (int e = 0; e < y.length; e++) {
      y[e] = offsets[e + 1] - offsets[e];
    }
    return y;
  }

  static double[] gatherTokens(Op.GatherTokens o, Operands in) {
    double[] x = in.real(0);
    int width = in.shape(0).dim(1);
    int[] position = in.permutation(1);
    double[] y = new double[position.length * width];
    for (int s = 0; s < position.length; s++) {
      System.arraycopy(x, s / o.k() * width, y, position[s] * width, width);
    }
    return y;
  }

  static double[] sumTokens(Op.SumTokens o, Operands in) {
    double[] z = in.real(0);
    int width = in.shape(0).dim(1);
    int[] position = in.permutation(1);
    double[] y = new double[in.outShape(0).size()];
    for (int s = 0; s < position.length; s++) {
      for (int i = 0; i < width; i++) {
        y[s / o.k() * width + i] += z[position[s] * width + i];
      }
    }
    return y;
  }

  static double[] combineTokens(Operands in) {
    double[] z = in.real(0);
    double[] w = in.real(1);
    int width = in.shape(0).dim(1);
    int k = in.shape(1).dim(1);
    int[] position = in.permutation(2);
    double[] y = new double[in.outShape(0).size()];
    for (int s = 0; s < position.length; s++) {
      for (int i = 0; i < width; i++) {
        y[s / k * width + i] += w[s] * z[position[s] * width + i];
      }
    }
    return y;
  }

  static Object[] combineTokensBackward(Operands in) {
    double[] dy = in.real(0);
    double[] z = in.real(1);
    double[] w = in.real(2);
    int width = in.shape(0).dim(1);
    int k = in.shape(2).dim(1);
    int[] position = in.permutation(3);
    double[] dz = new double[z.length];
    double[] dw = new double[w.length];
    for (int s = 0; s < position.length; s++) {
      for (int i = 0; i < width; i++) {
        double d = dy[s / k * width + i];
        dz[position[s] * width + i] = w[s] * d;
        dw[s] += z[position[s] * width + i] * d;
      }
    }
    return new Object[] {dz, dw};
  }
}
