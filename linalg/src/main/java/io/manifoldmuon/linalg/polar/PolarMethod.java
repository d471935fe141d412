package io.manifoldmuon.linalg.polar;

import java.util.List;
import java.util.stream.Stream;

/** A way to the polar factor msign(G) = UVᵀ of G = UΣVᵀ, which {@link Msign} records. */
public sealed interface PolarMethod permits PolarIteration, PolarSvd {

  /** What configurations call it. */
  String name();

  /** Multiply–adds times two for one [m, n] matrix. */
  double flops(int m, int n);

  /** The names that {@link #of} takes: {@code svd}, and those of the iterations. */
  static List<String> names() {
    return Stream.concat(Stream.of(PolarSvd.NAME), PolarIteration.names().stream()).toList();
  }

  /**
   * The method of that name.
   *
   * @param steps the steps of an iteration; {@code svd} has none and does not look at it
   * @throws IllegalArgumentException if there is none of that name
   */
  static PolarMethod of(String name, int steps) {
    if (!names().contains(name)) {
      throw new IllegalArgumentException(
          "PolarMethod: '" + name + "' given, wanted one of " + names());
    }
    return name.equals(PolarSvd.NAME) ? PolarSvd.standard() : PolarIteration.of(name, steps);
  }
}
