package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Decides, once per graph, where every value lives. Values share storage where they may:
 *
 * <ol>
 *   <li>views ({@code Reshape}, {@code Slice}) are places inside their source;
 *   <li>the inputs of a {@code Concat} are made at their place inside its output;
 *   <li>a value that is assigned to a variable is made in the variable's own storage;
 *   <li>an element-wise output takes the place of an input that is not needed any more;
 *   <li>what is left gets a place in an arena, reused as soon as its last reader has run: a stretch
 *       of one growing array, or where the options ask for it, a whole array of just its size.
 * </ol>
 *
 * <p>Reals and integers have an arena each.
 */
public final class StoragePlan {
  /** What holds a value. */
  public enum Kind {
    /** A variable of the engine. */
    VARIABLE,
    /** An input of the program. */
    INPUT,
    /** A constant, filled once. */
    CONSTANT,
    /** A place in an arena that other values take over. */
    TRANSIENT,
    /** Storage of its own for a value that is an output, where values lie apart. */
    OUTPUT
  }

  /**
   * What an engine's kernels need and allow.
   *
   * @param inPlace pairs of (output, input) of an op whose storage may be the same, the preferred
   *     first
   * @param scratch the memory that a node's kernels need while they run
   * @param apart whether an arena is made of whole arrays, each taken over by values of its size
   *     only, and outputs have arrays of their own
   * @param alone values apart of up to this many elements do not take over from each other
   */
  public record Options(
      Function<Op, int[][]> inPlace,
      Function<Node, List<Scratch>> scratch,
      boolean apart,
      long alone) {

    /** Values of every size take turns. */
    public Options(
        Function<Op, int[][]> inPlace, Function<Node, List<Scratch>> scratch, boolean apart) {
      this(inPlace, scratch, apart, 0);
    }
  }

  /** Memory for the kernels of one node alone. */
  public record Scratch(DType dtype, int elements) {}

  /** A piece of storage; merged roots live at {@code offset} inside {@code parent}. */
  private static final class Root {
    final String label;
    final DType dtype;
    final long size;
    Kind kind;
    Root parent;
    long offset;
    int start = Integer.MAX_VALUE;
    int end = -1;
    long position = -1;
    Slot slot;

    Root(Kind kind, String label, DType dtype, long size) {
      this.kind = kind;
      this.label = label;
      this.dtype = dtype;
      this.size = size;
    }
  }

  /** One array of an arena whose values lie apart. */
  private static final class Slot {
    final DType dtype;
    final long size;

    Slot(DType dtype, long size) {
      this.dtype = dtype;
      this.size = size;
    }
  }

  /** The arrays of an arena that no value needs at the moment. */
  private static final class Slots {
    private final List<Slot> free = new ArrayList<>();

    Slot take(DType dtype, long size) {
      for (int i = free.size() - 1; i >= 0; i--) {
        if (free.get(i).dtype == dtype && free.get(i).size == size) {
          return free.remove(i);
        }
      }
      return new Slot(dtype, size);
    }

    void release(Slot slot) {
      free.add(slot);
    }
  }

  /**
   * Where a value lives.
   *
   * @param kind which storage
   * @param label the variable's or input's name, empty otherwise
   * @param root identifies the storage within this plan
   * @param offset in elements, from the start of the variable, input, constant, output, arena or,
   *     where values lie apart, array of the arena
   */
  public record Place(Kind kind, String label, Object root, long offset) {}

  private final Graph graph;
  private final Options options;
  private final Root[] roots;
  private final long[] offsets;
  private final Map<DType, ArenaLayout> arenas = new EnumMap<>(DType.class);
  private final List<List<Root>> scratch = new ArrayList<>();

  /** Plans the storage of all values of a graph. */
  public StoragePlan(Graph graph, Options options) {
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
    allocate();
  }

  /** The elements of the arena of transient values of a type. */
  public long arenaSize(DType dtype) {
    return arenas.get(dtype).size();
  }

  /** Where a value lives. */
  public Place place(int value) {
    return place(find(roots[value]), offsetInRoot(value));
  }

  private static Place place(Root r, long offset) {
    Object storage = r.slot == null ? r : r.slot;
    return new Place(r.kind, r.label, storage, Math.max(0, r.position) + offset);
  }

  /** The elements of the root that a value lives in. */
  public long rootSize(int value) {
    return find(roots[value]).size;
  }

  /** Where part {@code index} of a node's scratch memory lies. */
  public Place scratch(int node, int index) {
    return place(scratch.get(node).get(index), 0);
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
          if (movable(v) && find(roots[v]) != whole && !madeBesideAnother(v, whole)) {
            merge(find(roots[v]), whole, at);
          }
          at += size(v);
        }
      }
    }
  }

  /** Whether the node that makes v makes another value in the same storage: a kernel may not. */
  private boolean madeBesideAnother(int v, Root whole) {
    return graph.nodes().stream()
        .filter(n -> n.outputs().contains(v))
        .flatMap(n -> n.outputs().stream())
        .anyMatch(other -> other != v && find(roots[other]) == whole);
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
    for (int[] pair : options.inPlace().apply(n.op())) {
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
      for (int[] pair : options.inPlace().apply(n.op())) {
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
            && !readsAnotherViewOf(r, n, in)
            && taken.add(r)) {
          r.end = Math.max(r.end, x.end);
          merge(x, r, 0);
        }
      }
    }
  }

  /** Whether an element of r may be read after it was written, through another of n's inputs. */
  private boolean readsAnotherViewOf(Root r, Node n, int in) {
    return n.inputs().stream().anyMatch(v -> find(roots[v]) == r && offsetInRoot(v) != 0)
        || n.inputs().stream().anyMatch(v -> find(roots[v]) == r && size(v) != size(in));
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
      Root r = find(roots[v]);
      r.end = Integer.MAX_VALUE;
      if (options.apart() && r.kind == Kind.TRANSIENT) {
        r.kind = Kind.OUTPUT;
      }
    }
  }

  private void touch(int value, int node) {
    Root r = find(roots[value]);
    r.start = Math.min(r.start, node);
    r.end = Math.max(r.end, node);
  }

  private void allocate() {
    for (DType dtype : DType.values()) {
      arenas.put(dtype, new ArenaLayout());
    }
    Map<Integer, List<Root>> starting = new HashMap<>();
    Map<Integer, List<Root>> ending = new HashMap<>();
    Arrays.stream(roots)
        .map(StoragePlan::find)
        .distinct()
        .filter(r -> r.kind == Kind.TRANSIENT)
        .forEach(
            r -> {
              starting.computeIfAbsent(r.start, _ -> new ArrayList<>()).add(r);
              ending.computeIfAbsent(r.end, _ -> new ArrayList<>()).add(r);
            });
    Slots slots = new Slots();
    for (int i = 0; i < graph.nodes().size(); i++) {
      for (Root r : starting.getOrDefault(i, List.of())) {
        take(r, slots);
      }
      takeScratch(graph.nodes().get(i), slots);
      for (Root r : ending.getOrDefault(i, List.of())) {
        release(r, slots);
      }
    }
  }

  private void take(Root r, Slots slots) {
    if (options.apart()) {
      r.slot = slots.take(r.dtype, r.size);
    } else {
      r.position = arenas.get(r.dtype).take(r.size);
    }
  }

  private void release(Root r, Slots slots) {
    if (options.apart()) {
      if (r.size > options.alone()) {
        slots.release(r.slot);
      }
    } else {
      arenas.get(r.dtype).release(r.position, r.size);
    }
  }

  /** Scratch memory lives while its node runs. */
  private void takeScratch(Node n, Slots slots) {
    List<Root> parts = new ArrayList<>();
    for (Scratch s : options.scratch().apply(n)) {
      parts.add(new Root(Kind.TRANSIENT, "", s.dtype(), s.elements()));
    }
    parts.forEach(r -> take(r, slots));
    parts.forEach(r -> release(r, slots));
    scratch.add(parts);
  }
}
