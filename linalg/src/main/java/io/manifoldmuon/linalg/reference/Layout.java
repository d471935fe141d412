package io.manifoldmuon.linalg.reference;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.graph.Op;
import java.util.Arrays;

/** Constants, noise, and the ops that only move elements. */
final class Layout {
  private Layout() {}

  static double[] fill(Op.Fill o) {
    double[] y = new double[o.shape().size()];
    Arrays.fill(y, o.value());
    return y;
  }

  /** yᵢ = gaussian(seed, stream, i). */
  static double[] gaussianNoise(Op.GaussianNoise o, Operands in) {
    int seed = in.ints(0)[0];
    double[] y = new double[o.shape().size()];
    for (int i = 0; i < y.length; i++) {
      y[i] = CounterRandom.gaussian(seed, o.stream(), i);
    }
    return y;
  }

  static Object slice(Op.Slice o, Operands in) {
    int end = o.offset() + o.shape().size();
    return in.any(0) instanceof int[] x
        ? Arrays.copyOfRange(x, o.offset(), end)
        : Arrays.copyOfRange(in.real(0), o.offset(), end);
  }

  static double[] concat(Operands in) {
    double[] y = new double[in.outShape(0).size()];
    int at = 0;
    for (int i = 0; i < in.count(); i++) {
      double[] x = in.real(i);
      System.arraycopy(x, 0, y, at, x.length);
      at += x.length;
    }
    return y;
  }
}
