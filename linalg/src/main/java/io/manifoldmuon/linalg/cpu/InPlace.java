package io.manifoldmuon.linalg.cpu;

import io.manifoldmuon.linalg.graph.Op;

/**
 * Which outputs of an op may be written over which inputs: those whose kernel reads each element,
 * or each row, before it writes it.
 */
final class InPlace {
  private static final int[][] NONE = {};
  private static final int[][] FIRST = {{0, 0}};
  private static final int[][] FIRST_OR_SECOND = {{0, 0}, {0, 1}};
  private static final int[][] ADAMW = {{0, 0}, {1, 2}, {2, 3}};

  private InPlace() {}

  /** Pairs of (output, input), the preferred first. */
  static int[][] pairs(Op op) {
    return switch (op) {
      case Op.Map _, Op.Softmax _, Op.RmsNorm _, Op.Rope _, Op.CrossEntropyBackward _ -> FIRST;
      case Op.Lerp _, Op.WeightedSum _ -> FIRST_OR_SECOND;
      case Op.Zip _, Op.MapBackward _, Op.SoftmaxBackward _, Op.RmsNormBackward _ ->
          FIRST_OR_SECOND;
      case Op.AdamW _ -> ADAMW;
      default -> NONE;
    };
  }
}
