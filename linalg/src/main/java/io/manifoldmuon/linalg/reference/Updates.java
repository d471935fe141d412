package io.manifoldmuon.linalg.reference;

/** Optimizer steps that are one op. */
final class Updates {
  private Updates() {}

  static Object[] adamW(Operands in) {
    double gradScale = in.scalar(4);
    double lr = in.scalar(5);
    double beta1 = in.scalar(6);
    double beta2 = in.scalar(7);
    double epsilon = in.scalar(8);
    double decay = in.scalar(9);
    double t = in.scalar(10);
    double[] p = in.real(0).clone();
    double[] m = in.real(2).clone();
    double[] v = in.real(3).clone();
    for (int i = 0; i < p.length; i++) {
      double g = gradScale * in.real(1)[i];
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      v[i] = beta2 * v[i] + (1 - beta2) * g * g;
      double mHat = m[i] / (1 - Math.pow(beta1, t));
      double vHat = v[i] / (1 - Math.pow(beta2, t));
      p[i] -= lr * (mHat / (Math.sqrt(vHat) + epsilon) + decay * p[i]);
    }
    return new Object[] {p, m, v};
  }
}
