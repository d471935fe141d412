package io.manifoldmuon.linalg.graph;

import io.manifoldmuon.linalg.Shape;

/**
 * Floating-point operations of a graph's products, a multiplication and an addition counted as two,
 * symmetric products as half. Everything else is left out: it costs time by its memory traffic.
 */
public final class Flops {
  private Flops() {}

  /** Of all nodes of a phase. */
  public static double of(Graph graph, Phase phase) {
    return graph.nodes().stream()
        .filter(n -> n.phase() == phase)
        .mapToDouble(n -> of(graph, n))
        .sum();
  }

  private static double of(Graph graph, Node n) {
    return switch (n.op()) {
      case Op.MatMul _ -> 2.0 * shape(graph, n, 0).size() * output(graph, n).dim(-1);
      case Op.Gram(boolean rows) -> {
        Shape x = shape(graph, n, 0);
        yield (double) x.size() * x.dim(rows ? -2 : -1);
      }
      case Op.SymmetricMatMul _ -> (double) shape(graph, n, 0).size() * output(graph, n).dim(-1);
      case Op.GroupedMatMul _ -> 2.0 * shape(graph, n, 0).size() * output(graph, n).dim(-1);
      case Op.GroupedOuter _ -> 2.0 * shape(graph, n, 0).size() * shape(graph, n, 1).dim(-1);
      case Op.CausalAttention _ -> attention(graph, n, 0, 2);
      case Op.CausalAttentionBackward _ -> attention(graph, n, 1, 5);
      default -> 0; // no product
    };
  }

  /** {@code products} of [T, T] by [T, D/H] matrices a head, half of each below the diagonal. */
  private static double attention(Graph graph, Node n, int input, double products) {
    Shape qkv = shape(graph, n, input);
    return products * qkv.dim(0) * qkv.dim(1) * qkv.dim(1) * qkv.dim(2) / 3;
  }

  private static Shape shape(Graph graph, Node n, int input) {
    return graph.type(n.inputs().get(input)).shape();
  }

  private static Shape output(Graph graph, Node n) {
    return graph.type(n.outputs().getFirst()).shape();
  }
}
