package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.ShapeException;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.AbandonedException;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.linalg.graph.Type;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** A graph whose nodes have become tasks and whose values have places in arrays of a device. */
final class DeviceProgram implements Program {
  private final Graph graph;
  private final DeviceEngine engine;
  private final ProgramMemory memory;
  private final TensorCores tensor;
  private final IndexChecks checks;
  private final Map<Integer, Node> faults = new LinkedHashMap<>();
  private final Set<String> assigned = new LinkedHashSet<>();
  private final Set<String> unwritten = new HashSet<>();
  private final Map<String, Tensor> unchecked = new LinkedHashMap<>();
  private final Map<String, Long> loaded = new HashMap<>();
  private final Set<TornadoNativeArray> fetched = new HashSet<>();
  private final Set<String> changedHere = new HashSet<>();
  private final Map<Phase, Long> nanos = new EnumMap<>(Phase.class);
  private final String name;
  private final List<GraphCycle.Step> steps;
  private GraphCycle cycle;
  private boolean neverLoaded = true;
  private boolean ran;
  private boolean closed;

  DeviceProgram(String name, Graph graph, DeviceEngine engine) {
    this.name = name;
    this.graph = graph;
    this.engine = engine;
    this.tensor = engine.hasTensorCores() ? TensorCores.of(graph) : TensorCores.none(graph);
    Graph lowered = tensor.graph();
    this.memory = new ProgramMemory(tensor, engine.products().mostRead());
    this.checks = new IndexChecks(lowered);
    ProductFusion fusion = new ProductFusion(lowered, memory::buffer);
    ZipFusion zips = new ZipFusion(lowered, memory::buffer);
    StepList list = new StepList(memory, engine.products());
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node n = graph.nodes().get(i);
      list.add(launches(i, fusion, zips), n.phase(), n.where());
      if (n.op() instanceof Op.TopK || n.op() instanceof Op.Svd) {
        faults.put(i, n);
      } else if (n.op() instanceof Op.Assign o) {
        assigned.add(o.label());
      }
    }
    addOutputCopies(list);
    unwritten.addAll(graph.inputs().keySet());
    steps = list.build();
    cycle =
        new GraphCycle(name, memory, steps, engine.device(), engine.limits(), engine.isCapturing());
  }

  private List<Launch> launches(int index, ProductFusion fusion, ZipFusion zips) {
    if (fusion.contains(graph.nodes().get(index)) || zips.contains(index)) {
      return List.of();
    }
    ProductLaunches products =
        tensor.products().contains(graph.nodes().get(index))
            ? engine.products().onTensorCores(memory.scratch(index))
            : engine.products();
    return fusion
        .launches(index, products)
        .or(() -> zips.launch(index).map(List::of))
        .orElseGet(() -> Lowering.lower(memory.operands(index), products));
  }

  /** Outputs that are variables, inputs or constants, as they are when the replay ends. */
  private void addOutputCopies(StepList list) {
    Phase phase = graph.nodes().isEmpty() ? Phase.FORWARD : graph.nodes().getLast().phase();
    graph
        .outputs()
        .forEach(
            (label, v) ->
                list.add(
                    ElementwiseLaunches.copy(memory.buffer(v), memory.output(label)),
                    phase,
                    "output " + label));
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
    Type given = new Type(value.shape(), value.dtype());
    if (!given.equals(graph.type(id))) {
      throw new ShapeException(
          "write: " + given + " given for input '" + input + "', wanted " + graph.type(id));
    }
    HostCopies.write(memory.buffer(id), value);
    unwritten.remove(input);
    if (checks.concerns(input)) {
      unchecked.put(input, HostCopies.read(memory.buffer(id)));
    }
  }

  // ---- running ------------------------------------------------------------------------------

  @Override
  public void run() {
    checkOpen();
    if (!unwritten.isEmpty()) {
      throw new IllegalStateException("run: inputs " + unwritten + " were never written");
    }
    if (engine.isAbandoned()) {
      throw new AbandonedException(engine.name());
    }
    unchecked.forEach(checks::check);
    unchecked.clear();
    nanos.clear();
    long before = System.nanoTime();
    load();
    for (int i = 0; i < cycle.pieces().size(); i++) {
      cycle.run(i);
      long now = System.nanoTime();
      nanos.merge(cycle.pieces().get(i).phase(), now - before, Long::sum);
      before = now;
    }
    fetched.clear();
    for (String label : assigned) {
      DeviceVariable v = engine.variable(label);
      v.changedBy(this);
      loaded.put(label, v.version());
      changedHere.add(label);
    }
    ran = true;
    reportFaults();
  }

  /** Brings the device's variables up to date, where another program or the host changed them. */
  private void load() {
    List<String> stale = new ArrayList<>();
    for (String label : graph.variables().keySet()) {
      if (loaded.getOrDefault(label, -1L) != engine.variable(label).version()) {
        stale.add(label);
      }
    }
    if (stale.isEmpty() && !neverLoaded) {
      return;
    }
    fetch(Set.copyOf(changedHere)); // all of the state is sent
    for (String label : stale) {
      DeviceVariable v = engine.variable(label);
      HostCopies.write(variableBuffer(label), v.content(label));
      loaded.put(label, v.version());
    }
    cycle.load();
    neverLoaded = false;
  }

  private Buffer variableBuffer(String label) {
    return memory.buffer(graph.variables().get(label));
  }

  /** Brings variables that only the device has to the host. */
  private void fetch(Set<String> variables) {
    if (!variables.isEmpty()) {
      cycle.fetch(variables.stream().map(label -> variableBuffer(label).array()).toList());
      changedHere.removeAll(Set.copyOf(variables));
    }
  }

  /** This program's copy of a variable. */
  Tensor variable(String label) {
    if (changedHere.contains(label)) {
      fetch(Set.of(label));
    }
    return HostCopies.read(variableBuffer(label));
  }

  private void reportFaults() {
    if (faults.isEmpty()) {
      return;
    }
    fetch(memory.fault(faults.keySet().iterator().next()).array());
    faults.forEach(
        (index, n) -> {
          int first = (int) HostCopies.scalar(memory.fault(index));
          if (first != 0) {
            throw new NumericalException(n.where() + ": " + fault(n, first - 1));
          }
        });
  }

  /** What a node found wrong with element {@code at} of its input. */
  private String fault(Node n, int at) {
    Shape x = graph.type(n.inputs().getFirst()).shape();
    int columns = x.dim(-1);
    if (n.op() instanceof Op.Svd) {
      int size = x.dim(-2) * columns;
      return "matrix "
          + at / size
          + " of "
          + x
          + " is not finite in row "
          + at % size / columns
          + ", column "
          + at % columns
          + ", wanted finite numbers";
    }
    return "score of row "
        + at / columns
        + ", column "
        + at % columns
        + " is NaN, wanted a number; the model has diverged, lower the learning rate";
  }

  // ---- reading ------------------------------------------------------------------------------

  /** Brings an array to the host, once a replay. */
  private void fetch(TornadoNativeArray array) {
    if (fetched.add(array)) {
      cycle.fetch(List.of(array));
    }
  }

  private Buffer output(String label) {
    checkOpen();
    if (!graph.outputs().containsKey(label)) {
      throw new IllegalArgumentException(
          "read: no output '" + label + "' in this graph, it has " + graph.outputs().keySet());
    }
    if (!ran) {
      throw new IllegalStateException("read: output '" + label + "' before the first run");
    }
    Buffer b = memory.output(label);
    fetch(b.array());
    return b;
  }

  @Override
  public Tensor read(String label) {
    return HostCopies.read(output(label));
  }

  @Override
  public double readScalar(String label) {
    Buffer b = output(label);
    if (b.size() != 1) {
      throw new ShapeException(
          "readScalar: output '" + label + "' is " + b + ", wanted one element; use read");
    }
    return HostCopies.scalar(b);
  }

  @Override
  public long nanos(Phase phase) {
    return nanos.getOrDefault(phase, 0L);
  }

  @Override
  public long bytes() {
    return memory.bytes();
  }

  @Override
  public String plan() {
    return new PlanText(cycle).of(engine, memory.bytes(), graph);
  }

  @Override
  public boolean timeLaunches(boolean on) {
    checkOpen();
    if (on && cycle.isCaptured()) {
      startAnew();
    }
    cycle.time(on);
    return true;
  }

  /** The same task graphs without capture; the state goes by way of the host. */
  private void startAnew() {
    fetch(Set.copyOf(changedHere));
    cycle.close();
    cycle = new GraphCycle(name + "timed", memory, steps, engine.device(), engine.limits(), false);
    neverLoaded = true;
    ran = false;
    fetched.clear();
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException(engine.name() + ": this program is closed");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try {
        engine.keep(this);
      } finally {
        engine.closed(this);
        cycle.close();
      }
    }
  }
}
