package io.manifoldmuon.bench;

/**
 * The law y = a·x^p that is nearest to some points: least squares on the logarithms.
 *
 * <p>With u = ln x and v = ln y, p = Σ(u − ū)(v − v̄) / Σ(u − ū)², and its standard error is √(Σr²
 * / ((n − 2)·Σ(u − ū)²)) for the residuals r. A large one says that the points do not follow a
 * power law, not that they are noisy: fixed costs bend the line at its lower end.
 *
 * @param factor a
 * @param exponent p
 * @param standardError of the exponent; NaN for two points, which every law meets
 */
record PowerLaw(double factor, double exponent, double standardError) {

  /**
   * The law of some points.
   *
   * @param x positive, at least two different ones
   * @param y positive, as many
   */
  static PowerLaw fit(double[] x, double[] y) {
    if (x.length != y.length || x.length < 2) {
      throw new IllegalArgumentException(
          "power law: "
              + x.length
              + " places and "
              + y.length
              + " values, wanted as many, 2 or more");
    }
    double[] u = logarithms(x);
    double[] v = logarithms(y);
    double uMean = mean(u);
    double vMean = mean(v);
    double spread = 0;
    double common = 0;
    for (int i = 0; i < u.length; i++) {
      spread += (u[i] - uMean) * (u[i] - uMean);
      common += (u[i] - uMean) * (v[i] - vMean);
    }
    if (!(spread > 0)) {
      throw new IllegalArgumentException(
          "power law: all places are " + x[0] + ", wanted different ones");
    }
    double p = common / spread;
    double residual = 0;
    for (int i = 0; i < u.length; i++) {
      double r = v[i] - vMean - p * (u[i] - uMean);
      residual += r * r;
    }
    int freedom = u.length - 2;
    double error = freedom == 0 ? Double.NaN : Math.sqrt(residual / freedom / spread);
    return new PowerLaw(Math.exp(vMean - p * uMean), p, error);
  }

  /** The exponent between two points. */
  static double slope(double x0, double y0, double x1, double y1) {
    return Math.log(y1 / y0) / Math.log(x1 / x0);
  }

  private static double[] logarithms(double[] values) {
    double[] logs = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      if (!(values[i] > 0)) {
        throw new IllegalArgumentException(
            "power law: " + values[i] + ", wanted a positive number");
      }
      logs[i] = Math.log(values[i]);
    }
    return logs;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
