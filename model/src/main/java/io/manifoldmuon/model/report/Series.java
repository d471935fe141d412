package io.manifoldmuon.model.report;

import java.util.Arrays;

/**
 * A curve: finite values at rising places.
 *
 * @param x the places: steps, tokens or seconds
 * @param y the values
 */
@SuppressWarnings("ArrayRecordComponent") // only passed on, never compared
public record Series(double[] x, double[] y) {
  public Series {
    if (x.length != y.length) {
      throw new IllegalArgumentException(
          "Series: " + x.length + " places and " + y.length + " values, wanted as many");
    }
  }

  /** Whether there are no values. */
  public boolean isEmpty() {
    return x.length == 0;
  }

  /** The last value, of one that is not empty. */
  public double last() {
    return y[y.length - 1];
  }

  /** The largest value, −∞ of none. */
  public double max() {
    return Arrays.stream(y).reduce(Double.NEGATIVE_INFINITY, Math::max);
  }

  /** The smallest value, ∞ of none. */
  public double min() {
    return Arrays.stream(y).reduce(Double.POSITIVE_INFINITY, Math::min);
  }

  /** The index of the smallest value, the first of several. */
  int lowest() {
    int best = 0;
    for (int i = 1; i < y.length; i++) {
      best = y[i] < y[best] ? i : best;
    }
    return best;
  }

  /**
   * Each value's mean with its neighbours: {@code half} on either side, fewer near the ends. Near
   * the beginning, where curves are steep, as many on both sides.
   */
  Series smoothed(int half) {
    double[] mean = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      int reach = Math.min(half, i);
      int end = Math.min(y.length, i + reach + 1);
      mean[i] = Arrays.stream(y, i - reach, end).average().orElseThrow();
    }
    return new Series(x, mean);
  }

  /** Smoothed over a twentieth of the curve. */
  Series smoothed() {
    return smoothed(Math.max(2, y.length / 40));
  }

  /** At most {@code most} points, each the mean of as many neighbours, at the place of the last. */
  Series thinned(int most) {
    int group = (y.length + most - 1) / Math.max(1, most);
    if (group <= 1) {
      return this;
    }
    int count = (y.length + group - 1) / group;
    double[] places = new double[count];
    double[] means = new double[count];
    for (int i = 0; i < count; i++) {
      int end = Math.min((i + 1) * group, y.length);
      places[i] = x[end - 1];
      means[i] = Arrays.stream(y, i * group, end).average().orElseThrow();
    }
    return new Series(places, means);
  }

  /** Only the values that a logarithmic axis can show. */
  Series positive() {
    int[] keep = java.util.stream.IntStream.range(0, y.length).filter(i -> y[i] > 0).toArray();
    return new Series(
        Arrays.stream(keep).mapToDouble(i -> x[i]).toArray(),
        Arrays.stream(keep).mapToDouble(i -> y[i]).toArray());
  }
}
