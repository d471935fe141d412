package io.manifoldmuon.optim;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Where a parameter stands in a model of L layers: the layer 0 … L−1 of each of its slices along
 * the first dimension. What comes after all layers counts to the last.
 *
 * @param of the layer of each slice; empty for a parameter that belongs to no layer
 * @param layers L
 */
public record Depth(List<Integer> of, int layers) {
  /** Of a parameter that belongs to no layer. */
  public static final Depth NONE = new Depth(List.of(), 0);

  public Depth {
    of = List.copyOf(of);
    for (int layer : of) {
      if (layer < 0 || layer >= layers) {
        throw new IllegalArgumentException(
            "Depth: layer " + layer + " given, wanted one from 0 to below " + layers);
      }
    }
  }

  /** Of a stack that has the slices of the first layer, then those of the second, and so on. */
  public static Depth stacked(int layers, int slicesOfEach) {
    return new Depth(
        IntStream.range(0, layers * slicesOfEach).map(i -> i / slicesOfEach).boxed().toList(),
        layers);
  }

  /** (ℓ+1)/L of each slice; with ℓ/L the first layer would never learn. */
  double[] ramp() {
    return of.stream().mapToDouble(layer -> (layer + 1.0) / layers).toArray();
  }

  /** Short, because parameters stand in messages. */
  @Override
  public String toString() {
    return of.isEmpty() ? "none" : of.size() + " slices over " + layers + " layers";
  }
}
