package io.manifoldmuon.linalg.cpu;

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

/**
 * Decides, once per graph, where every value lives. Values share storage where they may:
 *
 * <ol>
 *   <li>views ({@code Reshape}, {@code Slice}) are places inside their source;
 *   <li>the inputs of a {@code Concat} are made at their place inside its output;
 *   <li>a value that is assigned to a variable is made in the variable's own storage;
 *   <li>an element-wise output takes the place of an input that is not needed any more;
 *   <li>what is left gets a place in one arena, reused as soon as its last reader has run.
 * </ol>
 */
final class Planner {
  enum Kind {
    VARIABLE,
    INPUT,
    CONSTANT,
    TRANSIENT
  }

  /** A piece of storage; merged roots live at {@code offset} inside {@code parent}. */
  private static final class Root {
    final Kind kind;
    final String label;
    final long size;
    Root parent;
    long offset;
    int start = Integer.MAX_VALUE;
    int end = -1;
    long position = -1;

    Root(Kind kind, String label, long size) {
      this.kind = kind;
      this.label = label;
      this.size = size;
    }
  }

  /**
   * Where a value lives.
   *
   * @param kind which storage
   * @param label the variable's or input's name, empty otherwise
   * @param root identifies the storage within this plan
   * @param offset in elements, from the start of the variable, input, constant or the arena
   */
  record Place(Kind kind, String label, Object root, long offset) {}

  private final Graph graph;
  private final Root[] roots;
  private final long[] offsets;
  private long arenaSize;

  Planner(Graph graph) {
    this.graph = graph;
    this.roots = new Root[graph.valueCount()];
    this.offsets = new long[graph.valueCount()];
    makeRoots();
    mergeConcats();
    mergeAssignments();
    computeIntervals();
    mergeInPlace();
    computeIntervals();
    allocate();
  }

  /** The elements of the arena of transient values. */
  long arenaSize() {
    return arenaSize;
  }

  Place place(int value) {
    Root r = find(roots[value]);
    return new Place(r.kind, r.label, r, Math.max(0, r.position) + offsetInRoot(value));
  }

  // ---- storage ------------------------------------------------------------------------------

  private void makeRoots() {
    for (Node n : graph.nodes()) {
      switch (n.op()) {
        case Op.Variable o -> root(n, Kind.VARIABLE, o.label());
        case Op.Input o -> root(n, Kind.INPUT, o.label());
        case Op.Fill _ -> root(n, Kind.CONSTANT, "");
        case Op.Reshape _, Op.Assign _ -> alias(n, 0);
        case Op.Slice o -> alias(n, o.offset());
        default -> root(n, Kind.TRANSIENT, "");
      }
    }
  }

  private void root(Node n, Kind kind, String label) {
    for (int v : n.outputs()) {
      roots[v] = new Root(kind, label, size(v));
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

  private long offsetInRoot(int value) {
    long at = offsets[value];
    for (Root r = roots[value]; r.parent != null; r = r.parent) {
      at += r.offset;
    }
    return at;
  }

  /** Whether the value is a whole transient root, which may therefore be put somewhere else. */
  private boolean movable(int value) {
    Root r = find(roots[value]);
    return r.kind == Kind.TRANSIENT && covers(value);
  }

  private boolean covers(int value) {
    return offsetInRoot(value) == 0 && size(value) == find(roots[value]).size;
  }

  private static void merge(Root r, Root into, long offset) {
    r.parent = into;
    r.offset = offset;
  }

  // ---- merging ------------------------------------------------------------------------------

  private void mergeConcats() {
    for (Node n : graph.nodes()) {
      if (n.op() instanceof Op.Concat) {
        Root whole = find(roots[n.outputs().getFirst()]);
        long at = 0;
        for (int v : n.inputs()) {
          if (movable(v) && find(roots[v]) != whole) {
            merge(find(roots[v]), whole, at);
          }
          at += size(v);
        }
      }
    }
  }

  private void mergeAssignments() {
    Map<Root, Integer> assignments = new HashMap<>();
    for (Node n : graph.nodes()) {
      if (n.op() instanceof Op.Assign) {
        assignments.merge(find(roots[n.inputs().getFirst()]), 1, Integer::sum);
      }
    }
    for (int t = 0; t < graph.nodes().size(); t++) {
      Node n = graph.nodes().get(t);
      if (n.op() instanceof Op.Assign) {
        Root variable = find(roots[n.inputs().getFirst()]);
        int x = n.inputs().get(1);
        if (movable(x) && assignments.get(variable) == 1 && writable(variable, find(roots[x]), t)) {
          merge(find(roots[x]), variable, 0);
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
        if (find(roots[n.inputs().get(input)]) == variable
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
      if (n.outputs().stream().anyMatch(v -> find(roots[v]) == x) && !isView(n)) {
        producers.add(i);
      }
    }
    return producers;
  }

  private static boolean isView(Node n) {
    return n.op() instanceof Op.Reshape || n.op() instanceof Op.Slice;
  }

  private boolean updatesInPlace(Node n, int input, Root x) {
    for (int[] pair : InPlace.pairs(n.op())) {
      if (pair[1] == input
          && find(roots[n.outputs().get(pair[0])]) == x
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
      for (int[] pair : InPlace.pairs(n.op())) {
        int out = n.outputs().get(pair[0]);
        int in = n.inputs().get(pair[1]);
        Root r = find(roots[in]);
        Root x = find(roots[out]);
        if (x != r
            && movable(out)
            && movable(in)
            && size(in) == size(out)
            && r.end == i
            && x.start == i
            && taken.add(r)) {
          r.end = Math.max(r.end, x.end);
          merge(x, r, 0);
        }
      }
    }
  }

  // ---- lifetimes and places -----------------------------------------------------------------

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
      find(roots[v]).end = Integer.MAX_VALUE;
    }
  }

  private void touch(int value, int node) {
    Root r = find(roots[value]);
    r.start = Math.min(r.start, node);
    r.end = Math.max(r.end, node);
  }

  private void allocate() {
    ArenaLayout arena = new ArenaLayout();
    Map<Integer, List<Root>> starting = new HashMap<>();
    Map<Integer, List<Root>> ending = new HashMap<>();
    Arrays.stream(roots)
        .map(Planner::find)
        .distinct()
        .filter(r -> r.kind == Kind.TRANSIENT)
        .forEach(
            r -> {
              starting.computeIfAbsent(r.start, _ -> new ArrayList<>()).add(r);
              ending.computeIfAbsent(r.end, _ -> new ArrayList<>()).add(r);
            });
    for (int i = 0; i < graph.nodes().size(); i++) {
      for (Root r : starting.getOrDefault(i, List.of())) {
        r.position = arena.take(r.size);
      }
      for (Root r : ending.getOrDefault(i, List.of())) {
        arena.release(r.position, r.size);
      }
    }
    arenaSize = arena.size();
  }
}
