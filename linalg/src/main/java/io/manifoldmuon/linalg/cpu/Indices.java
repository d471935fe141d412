package io.manifoldmuon.linalg.cpu;

import io.manifoldmuon.linalg.graph.Node;

/** The check of integers that address memory. */
final class Indices {
  private Indices() {}

  /** Gives {@code index} back if it lies in [0, bound). */
  static int check(Node node, int index, long position, int bound) {
    if (index < 0 || index >= bound) {
      throw new IllegalArgumentException(
          node.where()
              + ": index "
              + index
              + " at position "
              + position
              + ", wanted 0 to "
              + (bound - 1));
    }
    return index;
  }
}
