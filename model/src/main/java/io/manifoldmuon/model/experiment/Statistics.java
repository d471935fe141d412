package io.manifoldmuon.model.experiment;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.TDistribution;

/** What a few runs say about all runs: means with standard errors, paired t-tests, Holm. */
final class Statistics {
  /** The significance level of every verdict. */
  static final double LEVEL = 0.05;

  private Statistics() {}

  /**
   * A sample.
   *
   * @param mean NaN of none
   * @param deviation s = √(Σ(x − mean)²/(n − 1)); NaN of fewer than two
   */
  record Sample(int n, double mean, double deviation) {
    static Sample of(double[] x) {
      double mean = Arrays.stream(x).average().orElse(Double.NaN);
      double squares = Arrays.stream(x).map(v -> (v - mean) * (v - mean)).sum();
      return new Sample(
          x.length, mean, x.length < 2 ? Double.NaN : Math.sqrt(squares / (x.length - 1)));
    }

    static Sample of(List<Double> x) {
      return of(x.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** s/√n; NaN of fewer than two. */
    double standardError() {
      return deviation / Math.sqrt(n);
    }
  }

  /**
   * A paired two-sided t-test of "the mean difference is 0".
   *
   * @param difference the sample of differences
   * @param t mean/(s/√n); NaN of fewer than two pairs
   * @param p the probability of a |t| as large if the mean were 0; NaN of fewer than two pairs
   * @param halfWidth of the 95 % confidence interval of the mean; NaN of fewer than two pairs
   */
  record PairedTest(Sample difference, double t, double p, double halfWidth) {

    /** That of two samples whose elements belong together: first − second. */
    static PairedTest of(double[] first, double[] second) {
      if (first.length != second.length) {
        throw new IllegalArgumentException(
            "paired test: " + first.length + " and " + second.length + " values, wanted pairs");
      }
      Sample d =
          Sample.of(
              IntStream.range(0, first.length).mapToDouble(i -> first[i] - second[i]).toArray());
      if (d.n() < 2) {
        return new PairedTest(d, Double.NaN, Double.NaN, Double.NaN);
      }
      double t = d.mean() == 0 ? 0 : d.mean() / d.standardError(); // all equal: no evidence of any
      TDistribution distribution = TDistribution.of(d.n() - 1.0);
      double p = Math.min(1, 2 * distribution.survivalProbability(Math.abs(t)));
      double width = distribution.inverseSurvivalProbability(LEVEL / 2) * d.standardError();
      return new PairedTest(d, t, p, width);
    }
  }

  /**
   * Probabilities of several tests, corrected so that the chance of one false verdict among all is
   * at most the level: sorted, p₍ᵢ₎·(m − i + 1), running maximum, at most 1. NaN is no test.
   *
   * <p><b>Source</b> Holm, "A simple sequentially rejective multiple test procedure", 1979.
   */
  static double[] holm(double[] p) {
    int[] order =
        IntStream.range(0, p.length)
            .filter(i -> !Double.isNaN(p[i]))
            .boxed()
            .sorted(Comparator.comparingDouble(i -> p[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] corrected = new double[p.length];
    Arrays.fill(corrected, Double.NaN);
    double largest = 0;
    for (int i = 0; i < order.length; i++) {
      largest = Math.max(largest, Math.min(1, p[order[i]] * (order.length - i)));
      corrected[order[i]] = largest;
    }
    return corrected;
  }
}
