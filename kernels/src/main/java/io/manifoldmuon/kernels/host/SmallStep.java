package io.manifoldmuon.kernels.host;

import java.util.List;

/**
 * What one step of {@link io.manifoldmuon.kernels.device.SmallSteps} does: the same as the launch
 * that it belongs to, for values that lie in the pools of small values.
 *
 * @param kind what is computed
 * @param f the number of a function, where the kind has one
 * @param terms the terms of each sum, 0 for a step that is no sum
 * @param operands up to three
 * @param y the result, each element of which is made
 */
record SmallStep(int kind, int f, int terms, List<Operand> operands, Buffer y) {

  /**
   * Which elements are read: (i / run) % period for element i of the result, or i·run + j·period
   * for term j of a sum.
   */
  record Operand(Buffer buffer, int run, int period) {

    /** One element for each of the result's, taken in turn where there are fewer. */
    static Operand each(Buffer b) {
      return new Operand(b, 1, b.size());
    }

    /** The rows of a matrix that a sum runs along. */
    static Operand rows(Buffer b, int width) {
      return new Operand(b, width, 1);
    }

    /** The columns of a matrix that a sum runs down. */
    static Operand columns(Buffer b, int columns) {
      return new Operand(b, 1, columns);
    }
  }

  SmallStep {
    operands = List.copyOf(operands);
  }

  static SmallStep of(int kind, int f, Buffer y, Operand... operands) {
    return new SmallStep(kind, f, 0, List.of(operands), y);
  }

  static SmallStep sum(int kind, int terms, Buffer y, Operand... operands) {
    return new SmallStep(kind, 0, terms, List.of(operands), y);
  }
}
