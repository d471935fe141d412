package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * Pairs of element-wise ops that are one launch, such as X + α·P: one that nothing but the next
 * node reads, and that node. As no launch comes between them, the operands of the first are still
 * there; but what the second makes may lie where they do, as they may have ended with the first. So
 * an operand lies apart from the result, or is read at its very place, element by element.
 */
final class ZipFusion {
  private final Graph graph;
  private final IntFunction<Buffer> buffers;
  private final Map<Integer, Integer> seconds = new HashMap<>();
  private final Map<Integer, Integer> firsts = new HashMap<>();

  /** Finds the pairs of a graph. */
  ZipFusion(Graph graph, IntFunction<Buffer> buffers) {
    this.graph = graph;
    this.buffers = buffers;
    int[] readers = new int[graph.valueCount()];
    graph.nodes().forEach(n -> n.inputs().forEach(v -> readers[v]++));
    graph.outputs().values().forEach(v -> readers[v]++);
    for (int i = 0; i + 1 < graph.nodes().size(); i++) {
      if (!firsts.containsKey(i) && joins(i, readers)) {
        seconds.put(i, i + 1);
        firsts.put(i + 1, i);
      }
    }
  }

  private boolean joins(int index, int[] readers) {
    Node first = graph.nodes().get(index);
    Node second = graph.nodes().get(index + 1);
    if (!(first.op() instanceof Op.Zip)
        || !(second.op() instanceof Op.Zip)
        || first.phase() != second.phase()) {
      return false;
    }
    int x = first.outputs().getFirst();
    int size = graph.type(x).shape().size();
    Buffer y = buffers.apply(second.outputs().getFirst());
    return readers[x] == 1
        && second.inputs().contains(x)
        && graph.type(second.outputs().getFirst()).shape().size() == size
        && size > SmallValues.MOST
        && Stream.concat(first.inputs().stream(), second.inputs().stream())
            .allMatch(v -> v == x || isLeftWhole(buffers.apply(v), y));
  }

  /** Whether elements of an operand are there until the element of y that needs them is made. */
  private static boolean isLeftWhole(Buffer operand, Buffer y) {
    return !MatrixRun.overlap(operand, y) || (operand.startsWhere(y) && operand.size() == y.size());
  }

  /** Whether the launch of the next node makes this one. */
  boolean contains(int index) {
    return seconds.containsKey(index);
  }

  /** The launch of node {@code index} and the one before it, if they are a pair. */
  Optional<Launch> launch(int index) {
    Integer before = firsts.get(index);
    if (before == null) {
      return Optional.empty();
    }
    Node first = graph.nodes().get(before);
    Node second = graph.nodes().get(index);
    boolean swap = !second.inputs().getFirst().equals(first.outputs().getFirst());
    return Optional.of(
        ElementwiseLaunches.zipZip(
            (Op.Zip) first.op(),
            buffers.apply(first.inputs().getFirst()),
            buffers.apply(first.inputs().getLast()),
            (Op.Zip) second.op(),
            buffers.apply(swap ? second.inputs().getFirst() : second.inputs().getLast()),
            swap,
            buffers.apply(second.outputs().getFirst())));
  }
}
