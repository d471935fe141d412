package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.engine.StorageRoots.Root;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  /** One array of an arena whose values lie apart. */
  static final class Slot {
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

  private final Options options;
  private final StorageRoots roots;
  private final Map<DType, ArenaLayout> arenas = new EnumMap<>(DType.class);
  private final List<List<Root>> scratch = new ArrayList<>();

  /** Plans the storage of all values of a graph. */
  public StoragePlan(Graph graph, Options options) {
    this.options = options;
    this.roots = new StorageRoots(graph, options);
    allocate(graph);
  }

  /** The elements of the arena of transient values of a type. */
  public long arenaSize(DType dtype) {
    return arenas.get(dtype).size();
  }

  /** Where a value lives. */
  public Place place(int value) {
    return place(roots.of(value), roots.offset(value));
  }

  private static Place place(Root r, long offset) {
    Object storage = r.slot == null ? r : r.slot;
    return new Place(r.kind, r.label, storage, Math.max(0, r.position) + offset);
  }

  /** The elements of the root that a value lives in. */
  public long rootSize(int value) {
    return roots.of(value).size;
  }

  /** Where part {@code index} of a node's scratch memory lies. */
  public Place scratch(int node, int index) {
    return place(scratch.get(node).get(index), 0);
  }

  // ---- places -------------------------------------------------------------------------------

  private void allocate(Graph graph) {
    for (DType dtype : DType.values()) {
      arenas.put(dtype, new ArenaLayout());
    }
    Map<Integer, List<Root>> starting = new HashMap<>();
    Map<Integer, List<Root>> ending = new HashMap<>();
    roots
        .all()
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
