package io.manifoldmuon.model.demo;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;

/**
 * Points of two spiral arms in the square [−1, 1]², every other one of each arm: at t in (0, 1)
 *
 * <pre>
 *   r = 0.1 + 0.85·t      φ = 2π·1.5·t + π·arm      (r·cos φ, r·sin φ) + noise
 * </pre>
 *
 * @param xy the points, real [n, 2]
 * @param arms 0 or 1, int [n]
 */
public record SpiralPoints(Tensor xy, Tensor arms) {
  private static final double TURNS = 1.5;
  private static final double INNER = 0.1;
  private static final double LENGTH = 0.85;
  private static final double NOISE = 0.015;

  /** Random points, the same for the same seed and stream. */
  public static SpiralPoints random(int n, long seed, String stream) {
    long place = CounterRandom.stream(stream + ".place");
    long noise = CounterRandom.stream(stream + ".noise");
    float[] xy = new float[2 * n];
    int[] arms = new int[n];
    for (int i = 0; i < n; i++) {
      arms[i] = i % 2;
      double t = CounterRandom.uniform(seed, place, i);
      double r = INNER + LENGTH * t;
      double phi = 2 * Math.PI * TURNS * t + Math.PI * arms[i];
      double dx = NOISE * CounterRandom.gaussian(seed, noise, 2L * i);
      double dy = NOISE * CounterRandom.gaussian(seed, noise, 2L * i + 1);
      xy[2 * i] = (float) (r * Math.cos(phi) + dx);
      xy[2 * i + 1] = (float) (r * Math.sin(phi) + dy);
    }
    return new SpiralPoints(Tensor.of(Shape.of(n, 2), xy), Tensor.of(Shape.of(n), arms));
  }

  /** How many there are. */
  public int count() {
    return arms.shape().size();
  }
}
