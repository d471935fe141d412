package io.manifoldmuon.linalg.reference;

import io.manifoldmuon.linalg.graph.Op;

/** Both ends of a language model: the embedding table and the loss. */
final class Language {
  private Language() {}

  static double[] embedding(Operands in) {
    double[] table = in.real(0);
    int width = in.shape(0).dim(1);
    int[] ids = in.indices(1, in.shape(0).dim(0));
    double[] y = new double[ids.length * width];
    for (int n = 0; n < ids.length; n++) {
      System.arraycopy(table, ids[n] * width, y, n * width, width);
    }
    return y;
  }

  static double[] embeddingBackward(Op.EmbeddingBackward o, Operands in) {
    double[] dy = in.real(0);
    int[] ids = in.indices(1, o.vocabulary());
    int width = in.shape(0).dim(-1);
    double[] dtable = new double[o.vocabulary() * width];
    for (int n = 0; n < ids.length; n++) {
      for (int j = 0; j < width; j++) {
        dtable[ids[n] * width + j] += dy[n * width + j];
      }
    }
    return dtable;
  }

  static Object[] crossEntropy(Operands in) {
    double[] logits = in.real(0);
    int width = in.shape(0).dim(1);
    int[] targets = in.indices(1, width);
    double[] loss = new double[targets.length];
    double[] lse = new double[targets.length];
    for (int n = 0; n < targets.length; n++) {
      lse[n] = Rows.logSumExp(logits, n * width, width);
      loss[n] = lse[n] - logits[n * width + targets[n]];
    }
    return new Object[] {loss, lse};
  }

  /** dlogits = dloss·(e^(logits − lse) − onehot(target)). */
  static double[] crossEntropyBackward(Operands in) {
    double[] logits = in.real(0);
    double[] lse = in.real(1);
    int width = in.shape(0).dim(1);
    int[] targets = in.indices(2, width);
    double[] dloss = in.real(3);
    double[] dlogits = new double[logits.length];
    for (int n = 0; n < targets.length; n++) {
      for (int j = 0; j < width; j++) {
        double p = Math.exp(logits[n * width + j] - lse[n]);
        dlogits[n * width + j] = dloss[n] * (p - (j == targets[n] ? 1 : 0));
      }
    }
    return dlogits;
  }
}
