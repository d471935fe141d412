package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which values of a graph share storage, and when each piece of it is in use: rules 1 to 4 of
 * {@link StoragePlan}.
 */
final class StorageRoots {
  /** A piece of storage; merged roots live at {@code offset} inside {@code parent}. */
  static final class Root {
    final String label;
    final DType dtype;
    final long size;
    StoragePlan.Kind kind;
    Root parent;
    long offset;
    int start = Integer.MAX_VALUE;
    int end = -1;
    long position = -1;
    StoragePlan.Slot slot;

    Root(StoragePlan.Kind kind, String label, DType dtype, long size) {
      this.kind = kind;
      this.label = label;
      this.dtype = dtype;
      this.size = size;
    }
  }

  private final Graph graph;
  private final StoragePlan.Options options;
  private final Root[] roots;
  private final long[] offsets;

  StorageRoots(Graph graph, StoragePlan.Options options) {
    this.graph = graph;
    this.options = options;
    this.roots = new Root[graph.valueCount()];
    this.offsets = new long[graph.valueCount()];
    makeRoots();
    mergeConcats();
    mergeAssignments();
    computeIntervals();
    mergeInPlace();
    computeIntervals();
  }

  /** The storage that a value lies in. */
  Root of(int value) {
    return find(roots[value]);
  }

  /** Where in it the value begins. */
  long offset(int value) {
    long at = offsets[value];
    for (Root r = roots[value]; r.parent != null; r = r.parent) {
      at += r.offset;
    }
    return at;
  }

  /** All pieces of storage. */
  Stream<Root> all() {
    return Arrays.stream(roots).map(StorageRoots::find).distinct();
  }

  // ---- storage ------------------------------------------------------------------------------

  private void makeRoots() {
    for (Node n : graph.nodes()) {
      switch (n.op()) {
        case Op.Variable o -> root(n, StoragePlan.Kind.VARIABLE, o.label());
        case Op.Input o -> root(n, StoragePlan.Kind.INPUT, o.label());
        case Op.Fill _ -> root(n, StoragePlan.Kind.CONSTANT, "");
        case Op.Reshape _, Op.Assign _ -> alias(n, 0);
        case Op.Slice o -> alias(n, o.offset());
        default -> root(n, StoragePlan.Kind.TRANSIENT, "");
      }
    }
  }

  private void root(Node n, StoragePlan.Kind kind, String label) {
    for (int v : n.outputs()) {
      roots[v] = new Root(kind, label, graph.type(v).dtype(), size(v));
    }
  }

  private void alias(Node n, long offset) {
    int source = n.inputs().getFirst();
    int v = n.outputs().getFirst();
    roots[v] = roots[source];
    offsets[v] = offsets[source] + offset;
  }

  private long size(int value) {
    return graph.type(value).shape().size();
  }

  private static Root find(Root r) {
    Root x = r;
    while (x.parent != null) {
      x = x.parent;
    }
    return x;
  }

  /** Whether the value is a whole transient root, which may therefore be put somewhere else. */
  private boolean movable(int value) {
    Root r = of(value);
    return r.kind == StoragePlan.Kind.TRANSIENT && covers(value);
  }

  private boolean covers(int value) {
    return offset(value) == 0 && size(value) == of(value).size;
  }

  private static void merge(Root r, Root into, long offset) {
    r.parent = into;
    r.offset = offset;
  }

  // ---- merging ------------------------------------------------------------------------------

  private void mergeConcats() {
    for (Node n : graph.nodes()) {
      if (n.op() instanceof Op.Concat) {
        Root whole = of(n.outputs().getFirst());
        long at = 0;
        for (int v : n.inputs()) {
          if (movable(v) && of(v) != whole && !meetInOneKernel(of(v), whole)) {
            merge(of(v), whole, at);
          }
          at += size(v);
        }
      }
    }
  }

  /**
   * Whether a node of several results makes or reads values of both, one of which it makes: its
   * kernel would write one array that it gets for another operand as well.
   */
  private boolean meetInOneKernel(Root part, Root whole) {
    return graph.nodes().stream()
        .filter(n -> n.outputs().size() > 1)
        .anyMatch(
            n ->
                (touches(n.outputs().stream(), part) && touches(all(n), whole))
                    || (touches(n.outputs().stream(), whole) && touches(all(n), part)));
  }

  private boolean touches(Stream<Integer> values, Root r) {
    return values.anyMatch(v -> of(v) == r);
  }

  private static Stream<Integer> all(Node n) {
    return Stream.concat(n.inputs().stream(), n.outputs().stream());
  }

  private void mergeAssignments() {
    Map<Root, Integer> assignments = new HashMap<>();
    for (Node n : graph.nodes()) {
      if (n.op() instanceof Op.Assign) {
        assignments.merge(of(n.inputs().getFirst()), 1, Integer::sum);
      }
    }
    for (int t = 0; t < graph.nodes().size(); t++) {
      Node n = graph.nodes().get(t);
      if (n.op() instanceof Op.Assign) {
        Root variable = of(n.inputs().getFirst());
        int x = n.inputs().get(1);
        if (movable(x) && assignments.get(variable) == 1 && writable(variable, of(x), t)) {
          merge(of(x), variable, 0);
        }
      }
    }
  }

  /** Whether x may be made in the variable: nobody reads the old value once x begins to appear. */
  private boolean writable(Root variable, Root x, int assignment) {
    List<Integer> producers = producers(x, assignment);
    int first = producers.getFirst();
    for (int i = first; i < assignment; i++) {
      Node n = graph.nodes().get(i);
      for (int input = 0; input < n.inputs().size(); input++) {
        if (of(n.inputs().get(input)) == variable
            && !(producers.size() == 1 && i == first && updatesInPlace(n, input, x))) {
          return false;
        }
      }
    }
    return true;
  }

  private List<Integer> producers(Root x, int before) {
    List<Integer> producers = new ArrayList<>();
    for (int i = 0; i < before; i++) {
      Node n = graph.nodes().get(i);
      if (n.outputs().stream().anyMatch(v -> of(v) == x) && !isView(n)) {
        producers.add(i);
      }
    }
    return producers;
  }

  private static boolean isView(Node n) {
    return n.op() instanceof Op.Reshape || n.op() instanceof Op.Slice;
  }

  private boolean updatesInPlace(Node n, int input, Root x) {
    for (int[] pair : options.inPlace().apply(n.op())) {
      if (pair[1] == input
          && of(n.outputs().get(pair[0])) == x
          && covers(n.inputs().get(input))
          && size(n.inputs().get(input)) == size(n.outputs().get(pair[0]))) {
        return true;
      }
    }
    return false;
  }

  private void mergeInPlace() {
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node n = graph.nodes().get(i);
      Set<Root> taken = new HashSet<>();
      for (int[] pair : options.inPlace().apply(n.op())) {
        int out = n.outputs().get(pair[0]);
        int in = n.inputs().get(pair[1]);
        Root r = of(in);
        Root x = of(out);
        if (x != r
            && movable(out)
            && movable(in)
            && size(in) == size(out)
            && r.end == i
            && x.start == i
            && !readsAnotherViewOf(r, n, pair[1])
            && taken.add(r)) {
          r.end = Math.max(r.end, x.end);
          merge(x, r, 0);
        }
      }
    }
  }

  /**
   * Whether an element of r may be read after it was written, through another of n's inputs; for a
   * node of several results, whether another input lies in r at all.
   */
  private boolean readsAnotherViewOf(Root r, Node n, int input) {
    int in = n.inputs().get(input);
    for (int i = 0; i < n.inputs().size(); i++) {
      int v = n.inputs().get(i);
      boolean same = offset(v) == 0 && size(v) == size(in) && n.outputs().size() == 1;
      if (i != input && of(v) == r && !same) {
        return true;
      }
    }
    return false;
  }

  // ---- lifetimes ----------------------------------------------------------------------------

  private void computeIntervals() {
    for (Root r : roots) {
      Root top = find(r);
      top.start = Integer.MAX_VALUE;
      top.end = -1;
    }
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node n = graph.nodes().get(i);
      for (int v : n.outputs()) {
        touch(v, i);
      }
      for (int v : n.inputs()) {
        touch(v, i);
      }
    }
    for (int v : graph.outputs().values()) {
      Root r = of(v);
      r.end = Integer.MAX_VALUE;
      if (options.apart() && r.kind == StoragePlan.Kind.TRANSIENT) {
        r.kind = StoragePlan.Kind.OUTPUT;
      }
    }
  }

  private void touch(int value, int node) {
    Root r = of(value);
    r.start = Math.min(r.start, node);
    r.end = Math.max(r.end, node);
  }
}
