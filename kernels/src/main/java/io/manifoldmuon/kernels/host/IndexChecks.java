package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks the integers that the host writes before a kernel takes them for indices: on a device an
 * index out of range is silent or fatal. Integers that kernels made need no check.
 */
final class IndexChecks {
  /** What an integer input is used for, and by whom. */
  private record Use(Node node, int input, int offset, int count, Rule rule, int bound) {}

  private enum Rule {
    RANGE,
    PERMUTATION,
    OFFSETS
  }

  /** Where the elements of a value lie in an input. */
  private record Source(String label, int offset) {}

  private final Graph graph;
  private final Map<Integer, Source> sources = new HashMap<>();
  private final Map<String, List<Use>> uses = new HashMap<>();

  IndexChecks(Graph graph) {
    this.graph = graph;
    for (Node n : graph.nodes()) {
      trace(n);
      find(n);
    }
  }

  private void trace(Node n) {
    Source source = n.inputs().isEmpty() ? null : sources.get(n.inputs().getFirst());
    switch (n.op()) {
      case Op.Input o -> sources.put(n.outputs().getFirst(), new Source(o.label(), 0));
      case Op.Reshape _ -> follow(n, source, 0);
      case Op.Slice o -> follow(n, source, o.offset());
      default -> {
        // makes new elements
      }
    }
  }

  private void follow(Node n, Source source, int offset) {
    if (source != null) {
      sources.put(n.outputs().getFirst(), new Source(source.label, source.offset + offset));
    }
  }

  private int dim(Node n, int input, int axis) {
    return graph.type(n.inputs().get(input)).shape().dim(axis);
  }

  private void find(Node n) {
    switch (n.op()) {
      case Op.Embedding _ -> use(n, 1, Rule.RANGE, dim(n, 0, 0));
      case Op.EmbeddingBackward o -> use(n, 1, Rule.RANGE, o.vocabulary());
      case Op.CrossEntropy _ -> use(n, 1, Rule.RANGE, dim(n, 0, 1));
      case Op.CrossEntropyBackward _ -> use(n, 2, Rule.RANGE, dim(n, 0, 1));
      case Op.Dispatch o -> use(n, 0, Rule.RANGE, o.experts());
      case Op.TakeColumns _ -> use(n, 1, Rule.RANGE, dim(n, 0, 1));
      case Op.TakeColumnsBackward o -> use(n, 1, Rule.RANGE, o.columns());
      case Op.GatherTokens _, Op.SumTokens _ -> use(n, 1, Rule.PERMUTATION, dim(n, 1, 0));
      case Op.CombineTokens _ -> use(n, 2, Rule.PERMUTATION, dim(n, 2, 0));
      case Op.CombineTokensBackward _ -> use(n, 3, Rule.PERMUTATION, dim(n, 3, 0));
      case Op.GroupedMatMul _, Op.GroupedOuter _ -> use(n, 2, Rule.OFFSETS, dim(n, 0, 0));
      default -> {
        // takes no indices
      }
    }
  }

  private void use(Node n, int input, Rule rule, int bound) {
    int value = n.inputs().get(input);
    Source s = sources.get(value);
    if (s != null) {
      int count = graph.type(value).shape().size();
      uses.computeIfAbsent(s.label, _ -> new ArrayList<>())
          .add(new Use(n, input, s.offset, count, rule, bound));
    }
  }

  /** Whether an input holds indices. */
  boolean concerns(String label) {
    return uses.containsKey(label);
  }

  /**
   * Checks what an input holds.
   *
   * @throws IllegalArgumentException naming node, index and range
   */
  void check(String label, Tensor value) {
    for (Use u : uses.getOrDefault(label, List.of())) {
      switch (u.rule) {
        case RANGE -> checkRange(u, value.ints());
        case PERMUTATION -> checkPermutation(u, value.ints());
        case OFFSETS -> checkOffsets(u, value.ints());
      }
    }
  }

  private static void checkRange(Use u, int[] x) {
    for (int i = 0; i < u.count; i++) {
      int v = x[u.offset + i];
      if (v < 0 || v >= u.bound) {
        throw bad(u, i, v, "wanted 0 … " + (u.bound - 1));
      }
    }
  }

  private static void checkPermutation(Use u, int[] x) {
    checkRange(u, x);
    boolean[] seen = new boolean[u.bound];
    for (int i = 0; i < u.count; i++) {
      int v = x[u.offset + i];
      if (seen[v]) {
        throw bad(u, i, v, "wanted a permutation, this one is there twice");
      }
      seen[v] = true;
    }
  }

  private static void checkOffsets(Use u, int[] x) {
    for (int e = 0; e < u.count; e++) {
      int v = x[u.offset + e];
      int low = e == 0 ? 0 : x[u.offset + e - 1];
      int high = e == 0 ? 0 : u.bound;
      if (v < low || v > high || (e == u.count - 1 && v != u.bound)) {
        throw bad(u, e, v, "wanted offsets that run from 0 to " + u.bound + " and never fall");
      }
    }
  }

  private static IllegalArgumentException bad(Use u, int at, int value, String wanted) {
    return new IllegalArgumentException(
        u.node.where()
            + ": input "
            + u.input
            + " has "
            + value
            + " at index "
            + at
            + ", "
            + wanted);
  }
}
