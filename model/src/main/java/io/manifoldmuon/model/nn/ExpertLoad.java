package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.Tensor;

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
}
