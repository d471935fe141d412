package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Node;
import java.util.List;
import java.util.function.IntFunction;

/** Where the operands of one node lie, while it is lowered. */
final class Operands {
  private final Node node;
  private final IntFunction<Buffer> values;
  private final List<Buffer> scratch;
  private final Buffer auxiliary;

  /**
   * The operands of a node.
   *
   * @param values the buffer of each value
   * @param scratch memory for the node's kernels alone, as {@link Lowering#scratch} asked for
   * @param auxiliary the angles of a rotary embedding, the place where a fault is reported, or the
   *     factors of a weighted sum of small values, or null
   */
  Operands(Node node, IntFunction<Buffer> values, List<Buffer> scratch, Buffer auxiliary) {
    this.node = node;
    this.values = values;
    this.scratch = scratch;
    this.auxiliary = auxiliary;
  }

  Node node() {
    return node;
  }

  /** The number of inputs. */
  int count() {
    return node.inputs().size();
  }

  Buffer in(int i) {
    return values.apply(node.inputs().get(i));
  }

  Buffer out(int i) {
    return values.apply(node.outputs().get(i));
  }

  Shape shape(int i) {
    return in(i).shape();
  }

  Buffer scratch(int i) {
    return scratch.get(i);
  }

  Buffer auxiliary() {
    return auxiliary;
  }
}
