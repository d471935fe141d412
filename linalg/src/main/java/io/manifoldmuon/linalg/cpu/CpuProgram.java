package io.manifoldmuon.linalg.cpu;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.ShapeException;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.AbandonedException;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.engine.StoragePlan;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.linalg.graph.Type;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A graph whose values have addresses and whose nodes have become kernels. */
final class CpuProgram implements Program {
  private static final int ALIGN = 64;

  private final Graph graph;
  private final CpuEngine engine;
  private final int firstChange; // the step from which on variables are no more what they were
  private final Arena arena = Arena.ofShared();
  private final long[] addresses;
  private final Map<String, Long> outputs = new HashMap<>();
  private final List<Kept> kept = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final long[] stepNanos;
  private final Map<Phase, Clock> phaseNanos = new EnumMap<>(Phase.class);
  private final Set<String> unwritten = new HashSet<>();
  private final long transientBytes;
  private long bytes;
  private boolean ran;
  private boolean closed;

  /** The time of one phase in the last run. */
  private static final class Clock {
    private long nanos;
  }

  private record Step(Node node, Kernel kernel, Clock phase) {}

  /** An output that others write between replays, and where it stays as a replay left it. */
  private record Kept(long from, long to, long elements) {}

  CpuProgram(Graph graph, CpuEngine engine) {
    this.graph = graph;
    this.engine = engine;
    this.addresses = new long[graph.valueCount()];
    for (Phase p : Phase.values()) {
      phaseNanos.put(p, new Clock());
    }
    StoragePlan plan =
        new StoragePlan(graph, new StoragePlan.Options(InPlace::pairs, _ -> List.of(), false));
    long reals = plan.arenaSize(DType.REAL);
    long integers = plan.arenaSize(DType.INT);
    transientBytes = 4 * (reals + integers);
    settle(plan, engine, allocate(reals), allocate(integers));
    Context context = new Context(graph, engine.team(), engine.blas(), addresses);
    Lowering lowering = new Lowering(context, this::allocate);
    for (Node n : graph.nodes()) {
      Kernel k = lowering.lower(n);
      if (k != null) {
        steps.add(new Step(n, k, phaseNanos.get(n.phase())));
      }
    }
    firstChange = firstChange(plan);
    context.setScratch(allocate(context.scratchFloats()));
    graph.outputs().forEach((label, v) -> outputs.put(label, outputAddress(plan, v)));
    stepNanos = new long[steps.size()];
    unwritten.addAll(graph.inputs().keySet());
  }

  private int firstChange(StoragePlan plan) {
    for (int i = 0; i < steps.size(); i++) {
      Node n = steps.get(i).node;
      boolean changes =
          n.op() instanceof Op.Assign
              || n.outputs().stream()
                  .anyMatch(v -> plan.place(v).kind() == StoragePlan.Kind.VARIABLE);
      if (changes && !(n.op() instanceof Op.Variable)) {
        return i;
      }
    }
    return steps.size();
  }

  private long allocate(long elements) {
    long size = Math.max(1, elements) * 4;
    bytes += size;
    return engine.memory().allocate(arena, size, ALIGN);
  }

  private void settle(StoragePlan plan, CpuEngine engine, long reals, long integers) {
    Map<Object, Long> bases = new HashMap<>();
    for (int v = 0; v < addresses.length; v++) {
      StoragePlan.Place p = plan.place(v);
      Type type = graph.type(v);
      long base =
          switch (p.kind()) {
            case TRANSIENT -> type.dtype() == DType.REAL ? reals : integers;
            case VARIABLE -> engine.variable(p.label(), rootType(p.label(), type)).address();
            case INPUT, CONSTANT, OUTPUT ->
                bases.computeIfAbsent(p.root(), _ -> allocate(type.shape().size()));
          };
      addresses[v] = base + 4 * p.offset();
    }
  }

  /** Where an output is read: not in a variable or an input, which change between replays. */
  private long outputAddress(StoragePlan plan, int value) {
    long at = addresses[value];
    return switch (plan.place(value).kind()) {
      case VARIABLE, INPUT -> {
        long elements = graph.type(value).shape().size();
        Kept k = new Kept(at, allocate(elements), elements);
        kept.add(k);
        yield k.to;
      }
      case TRANSIENT, CONSTANT, OUTPUT -> at;
    };
  }

  /** A view of a variable, or a value made in it, has another type than the variable. */
  private Type rootType(String label, Type otherwise) {
    Integer id = graph.variables().get(label);
    return id == null ? otherwise : graph.type(id);
  }

  @Override
  public Graph graph() {
    return graph;
  }

  @Override
  public void write(String input, Tensor value) {
    checkOpen();
    Integer id = graph.inputs().get(input);
    if (id == null) {
      throw new IllegalArgumentException(
          "write: no input '" + input + "' in this graph, it has " + graph.inputs().keySet());
    }
    CpuEngine.checkType("write: input '" + input + "'", graph.type(id), value);
    CpuEngine.put(value, addresses[id]);
    unwritten.remove(input);
  }

  @Override
  public void run() {
    checkOpen();
    if (!unwritten.isEmpty()) {
      throw new IllegalStateException("run: inputs " + unwritten + " were never written");
    }
    for (int i = 0; i < stepNanos.length; i++) {
      steps.get(i).phase.nanos = 0;
    }
    long before = System.nanoTime();
    for (int i = 0; i < stepNanos.length; i++) {
      if (i <= firstChange && engine.isAbandoned()) {
        throw new AbandonedException(engine.name());
      }
      Step s = steps.get(i);
      s.kernel.run();
      long now = System.nanoTime();
      stepNanos[i] = now - before;
      s.phase.nanos += now - before;
      before = now;
    }
    keepOutputs(before);
    ran = true;
  }

  private void keepOutputs(long before) {
    if (!kept.isEmpty()) {
      kept.forEach(k -> Memory.copy(k.from, k.to, k.elements));
      phaseNanos.get(graph.nodes().getLast().phase()).nanos += System.nanoTime() - before;
    }
  }

  private int output(String label) {
    checkOpen();
    Integer id = graph.outputs().get(label);
    if (id == null) {
      throw new IllegalArgumentException(
          "read: no output '" + label + "' in this graph, it has " + graph.outputs().keySet());
    }
    if (!ran) {
      throw new IllegalStateException("read: output '" + label + "' before the first run");
    }
    return id;
  }

  @Override
  public Tensor read(String label) {
    int id = output(label);
    return CpuEngine.get(graph.type(id), outputs.get(label));
  }

  @Override
  public double readScalar(String label) {
    int id = output(label);
    Type type = graph.type(id);
    if (type.shape().size() != 1) {
      throw new ShapeException(
          "readScalar: output '" + label + "' is " + type + ", wanted one element; use read");
    }
    long address = outputs.get(label);
    return type.dtype() == DType.REAL ? Memory.get(address, 0) : Memory.getInt(address, 0);
  }

  @Override
  public long nanos(Phase phase) {
    return phaseNanos.get(phase).nanos;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public String plan() {
    StringBuilder s = new StringBuilder();
    long elements = 0;
    for (Node n : graph.nodes()) {
      for (int v : n.outputs()) {
        elements += n.op() instanceof Op.Variable ? 0 : graph.type(v).shape().size();
      }
    }
    s.append(
        String.format(
            Locale.ROOT,
            "%d nodes, %d kernels; values %.1f MB in a peak of %.1f MB (all buffers %.1f MB)%n",
            graph.nodes().size(),
            steps.size(),
            elements * 4e-6,
            transientBytes * 1e-6,
            bytes * 1e-6));
    for (int i = 0; i < stepNanos.length; i++) {
      Node n = steps.get(i).node;
      s.append(
          String.format(
              Locale.ROOT,
              "%9.3f ms  %-9s %s %s%n",
              stepNanos[i] * 1e-6,
              n.phase().name().toLowerCase(Locale.ROOT),
              n.where(),
              n.outputs().stream().map(v -> graph.type(v).shape().toString()).toList()));
    }
    return s.toString();
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("cpu: this program is closed");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      arena.close();
      engine.closed(this);
    }
  }
}
