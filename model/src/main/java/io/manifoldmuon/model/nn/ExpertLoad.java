package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.Tensor;
import java.util.Arrays;

/** How evenly the experts are used. */
public final class ExpertLoad {
  private ExpertLoad() {}

  /**
   * The maximal violation, max load / mean load − 1, of the layer where it is largest: 0 where
   * every expert gets the same, E − 1 where one gets all.
   *
   * <p><b>Source</b> Wang et al. 2024, arXiv 2408.15664, equation 4.
   *
   * @param counts assignments to each expert of each layer, [L, E]
   */
  public static double maxViolation(Tensor counts) {
    double[] load = counts.doubles();
    int e = counts.shape().dim(1);
    double worst = 0;
    for (int layer = 0; layer < counts.shape().dim(0); layer++) {
      double max = 0;
      double sum = 0;
      for (int i = layer * e; i < (layer + 1) * e; i++) {
        max = Math.max(max, load[i]);
        sum += load[i];
      }
      worst = Math.max(worst, max * e / sum - 1);
    }
    return worst;
  }

  /**
   * The load of each expert over its layer's mean, row by row: 1 where the experts share evenly.
   *
   * @param counts assignments to each expert of each layer, [L, E]
   */
  public static double[][] relative(Tensor counts) {
    double[] load = counts.doubles();
    int e = counts.shape().dim(1);
    double[][] relative = new double[counts.shape().dim(0)][];
    for (int layer = 0; layer < relative.length; layer++) {
      double[] row = Arrays.copyOfRange(load, layer * e, (layer + 1) * e);
      double mean = Arrays.stream(row).sum() / e;
      relative[layer] = Arrays.stream(row).map(x -> x / mean).toArray();
    }
    return relative;
  }
}
