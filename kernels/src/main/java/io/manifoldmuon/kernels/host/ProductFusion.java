package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * Weighted sums that are made by the launch of the product which they read, while its elements are
 * at hand: the polynomials aI + bR + cR² of Newton–Schulz iterations.
 *
 * <p>A sum joins a product P when nothing else reads P, the sum's place is P's own, and its other
 * operand is P itself or there before P.
 */
final class ProductFusion {
  private static final int NONE = -1;

  private final Graph graph;
  private final IntFunction<Buffer> buffers;
  private final int[] producer;
  private final Map<Integer, Node> sums = new HashMap<>();
  private final Set<Node> joined = new HashSet<>();

  /** Finds the sums of a graph. */
  ProductFusion(Graph graph, IntFunction<Buffer> buffers) {
    this.graph = graph;
    this.buffers = buffers;
    this.producer = producers(graph);
    Map<Integer, Set<Node>> readers = readers(graph);
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node product = graph.nodes().get(i);
      if (isProduct(product.op())) {
        Set<Node> reading = readers.getOrDefault(product.outputs().getFirst(), Set.of());
        if (reading.size() == 1 && joins(reading.iterator().next(), i, product)) {
          sums.put(i, reading.iterator().next());
          joined.add(reading.iterator().next());
        }
      }
    }
  }

  private static int[] producers(Graph graph) {
    int[] producer = new int[graph.valueCount()];
    for (int i = 0; i < graph.nodes().size(); i++) {
      for (int v : graph.nodes().get(i).outputs()) {
        producer[v] = i;
      }
    }
    return producer;
  }

  private static Map<Integer, Set<Node>> readers(Graph graph) {
    Map<Integer, Set<Node>> readers = new HashMap<>();
    for (Node n : graph.nodes()) {
      n.inputs().forEach(v -> readers.computeIfAbsent(v, _ -> new HashSet<>()).add(n));
    }
    return readers;
  }

  private boolean joins(Node sum, int index, Node product) {
    int p = product.outputs().getFirst();
    if (!(sum.op() instanceof Op.WeightedSum) || graph.outputs().containsValue(p)) {
      return false;
    }
    int other = other(sum, p);
    if (other != NONE && producer[other] >= index) {
      return false;
    }
    Buffer place = buffers.apply(sum.outputs().getFirst());
    Buffer own = buffers.apply(p);
    return place.startsWhere(own);
  }

  /** What a sum reads besides p. */
  private static int other(Node sum, int p) {
    return sum.inputs().stream().filter(v -> v != p).findFirst().orElse(NONE);
  }

  /** Whether the launch of a product makes the node. */
  boolean contains(Node node) {
    return joined.contains(node);
  }

  /** The number of sums that products make. */
  int count() {
    return joined.size();
  }

  /** The launches of product {@code index} with its sum, if it has one. */
  Optional<List<Launch>> launches(int index, ProductLaunches products) {
    Node sum = sums.get(index);
    if (sum == null) {
      return Optional.empty();
    }
    Node product = graph.nodes().get(index);
    Op.WeightedSum weights = (Op.WeightedSum) sum.op();
    int p = product.outputs().getFirst();
    int other = other(sum, p);
    List<Buffer> in = product.inputs().stream().map(buffers::apply).toList();
    ProductLaunches.Finish finish;
    if (other == NONE) {
      double alpha = weights.a() + weights.b();
      finish = new ProductLaunches.Finish(alpha, 0, weights.d(), in.getFirst());
    } else {
      boolean first = sum.inputs().getFirst() == p;
      finish =
          new ProductLaunches.Finish(
              first ? weights.a() : weights.b(),
              first ? weights.b() : weights.a(),
              weights.d(),
              buffers.apply(other));
    }
    Buffer y = buffers.apply(sum.outputs().getFirst());
    Buffer a = in.getFirst();
    Buffer b = in.getLast();
    return Optional.of(
        switch (product.op()) {
          case Op.Gram o -> products.gram(a, y, o.rows(), finish);
          case Op.SymmetricMatMul _ -> products.symmetricMatMul(a, b, y, finish);
          case Op.MatMul o -> products.matMul(a, b, y, o.transposeA(), o.transposeB(), finish);
          default -> throw new AssertionError(product.where());
        });
  }

  private static boolean isProduct(Op op) {
    return op instanceof Op.MatMul || op instanceof Op.Gram || op instanceof Op.SymmetricMatMul;
  }
}
