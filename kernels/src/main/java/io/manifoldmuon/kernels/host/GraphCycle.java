package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.Marks;
import io.manifoldmuon.kernels.host.MarkLaunches.Mark;
import io.manifoldmuon.linalg.graph.Phase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The task graphs of a program in one execution plan.
 *
 * <p>Graph 0 <em>loads</em>: it sends the state, and touches every other array so that the device
 * has it. The others run the launches, in order, cut where a phase ends or a graph is full.
 * TornadoVM hands an array on only from the graph that ran just before; therefore each graph takes
 * all arrays from whichever that was. What is taken stays; only arrays that a graph sends are to be
 * marked as staying. (TornadoVM looks each array that is taken up among all that were marked, so
 * that marking all of them takes the host a time of their number squared.)
 */
final class GraphCycle implements AutoCloseable {
  /**
   * TornadoVM holds 256 tasks a graph and 8,192 bytes of Σ (15 + 5·arguments): with the 20
   * arguments that a task may have, that is 71 tasks.
   */
  static final int MOST_TASKS = 64;

  /**
   * TornadoVM's graph has room for 1,024 nodes: one for each array that it knows and for each
   * distinct number, for a task two, one for each array written, and two for each array used.
   */
  static final int MOST_NODES = 1000;

  /** The distinct numbers that a task brings, at most in most cases: offsets, sizes, factors. */
  private static final int NUMBERS = 10;

  /** TornadoVM's own flags add fast-relaxed-math, with which comparisons with NaN are dropped. */
  private static final String OPENCL_FLAGS = "-cl-mad-enable -w";

  /** A launch and the part of the step that its time is counted under. */
  record Step(Launch launch, Phase phase, String where) {}

  /** Consecutive steps that are one task graph. */
  record Piece(Phase phase, List<Step> steps) {}

  private final List<Piece> pieces;
  private final List<List<String>> ids;
  private final List<List<Mark>> loads;
  private final String name;
  private final ProgramMemory memory;
  private final TornadoExecutionPlan plan;
  private final GridScheduler grids = new GridScheduler();
  private final LaunchTimes times = new LaunchTimes();
  private final boolean captured;
  private boolean timing;
  private TornadoExecutionResult last;

  /**
   * Makes the plan.
   *
   * @param name unique among the programs of the process
   * @param captured whether the device, which must be CUDA's, records each task graph as a CUDA
   *     graph when it first runs, and replays that: it takes less of the host's time than one
   *     launch after another, but the launches cannot be timed
   */
  GraphCycle(
      String name,
      ProgramMemory memory,
      List<Step> steps,
      TornadoDevice device,
      LaunchLimits limits,
      boolean captured) {
    this.name = name;
    this.memory = memory;
    int arrays =
        memory.stateArrays().size() + memory.otherArrays().size() + memory.inputArrays().size();
    if (arrays > MOST_NODES / 2) {
      throw new IllegalArgumentException(
          name
              + ": "
              + arrays
              + " arrays, more than TornadoVM's graphs have room for; use fewer layers");
    }
    memory.otherArrays().forEach(a -> limits.checkSize(name, a));
    this.pieces = cut(steps, MOST_NODES - arrays);
    this.ids = ids(pieces);
    this.loads = cutLoads(MOST_NODES - arrays);
    List<ImmutableTaskGraph> graphs = new ArrayList<>();
    for (int i = 0; i < loads.size(); i++) {
      graphs.add(load(i, limits));
    }
    for (int i = 0; i < pieces.size(); i++) {
      graphs.add(compute(i, limits));
    }
    plan = new TornadoExecutionPlan(graphs.toArray(ImmutableTaskGraph[]::new));
    plan.withDevice(device);
    plan.withGridScheduler(grids);
    this.captured = captured;
    if (captured) {
      plan.withCUDAGraph();
    }
    plan.withCompilerFlags(TornadoVMBackendType.OPENCL, OPENCL_FLAGS);
  }

  private static List<Piece> cut(List<Step> steps, int room) {
    List<Piece> pieces = new ArrayList<>();
    List<Step> piece = new ArrayList<>();
    int nodes = 0;
    for (Step s : steps) {
      boolean full = piece.size() == MOST_TASKS || nodes + nodes(s.launch) > room;
      if (!piece.isEmpty() && (full || piece.getFirst().phase != s.phase)) {
        pieces.add(new Piece(piece.getFirst().phase, List.copyOf(piece)));
        piece.clear();
        nodes = 0;
      }
      piece.add(s);
      nodes += nodes(s.launch);
    }
    if (!piece.isEmpty()) {
      pieces.add(new Piece(piece.getFirst().phase, List.copyOf(piece)));
    }
    return pieces;
  }

  /**
   * Names the tasks of each piece by their code. TornadoVM keeps compiled code by the names of
   * graph and task and by the kernel's method: as all pieces are graphs of one name, a task of
   * another piece that has the same code has it compiled already.
   */
  private static List<List<String>> ids(List<Piece> pieces) {
    Map<KernelCode, Integer> codes = new HashMap<>();
    List<List<String>> all = new ArrayList<>();
    for (Piece piece : pieces) {
      Map<Integer, Integer> times = new HashMap<>();
      List<String> names = new ArrayList<>();
      for (Step step : piece.steps) {
        int code = codes.computeIfAbsent(KernelCode.of(step.launch), _ -> codes.size());
        names.add("k" + code + "n" + times.merge(code, 1, Integer::sum));
      }
      all.add(names);
    }
    return all;
  }

  private static int nodes(Launch l) {
    return 2 + l.writes().size() + 2 * (l.reads().size() + l.writes().size()) + NUMBERS;
  }

  private List<List<Mark>> cutLoads(int room) {
    List<Mark> marks = new ArrayList<>(MarkLaunches.of(memory.stateArrays(), true));
    marks.addAll(MarkLaunches.of(memory.otherArrays(), false));
    if (marks.isEmpty()) {
      marks.addAll(MarkLaunches.of(List.of(new FloatArray(1)), false));
    }
    // a task has two nodes and another four for each of its arrays
    int most = Math.min(MOST_TASKS, room / (2 + 4 * Marks.MANY));
    List<List<Mark>> cut = new ArrayList<>();
    for (int from = 0; from < marks.size(); from += most) {
      cut.add(List.copyOf(marks.subList(from, Math.min(marks.size(), from + most))));
    }
    return cut;
  }

  // ---- graphs -------------------------------------------------------------------------------

  private static Object[] objects(List<TornadoNativeArray> arrays) {
    return arrays.toArray();
  }

  private static List<TornadoNativeArray> arrays(Stream<Mark> marks) {
    return marks.flatMap(m -> m.arrays().stream()).toList();
  }

  /** Sends or makes some of the arrays; the ones of the loads before are there already. */
  private ImmutableTaskGraph load(int index, LaunchLimits limits) {
    TaskGraph g = new TaskGraph(name + "load" + index);
    List<TornadoNativeArray> before =
        arrays(loads.subList(0, index).stream().flatMap(List::stream));
    List<Mark> marks = loads.get(index);
    List<TornadoNativeArray> sent = arrays(marks.stream().filter(Mark::sent));
    consume(g, before);
    if (!sent.isEmpty()) {
      g.transferToDevice(DataTransferMode.EVERY_EXECUTION, objects(sent));
    }
    for (int i = 0; i < marks.size(); i++) {
      add(g, marks.get(i).launch(), "t" + i, limits);
    }
    persist(g, arrays(marks.stream()));
    return g.snapshot();
  }

  private ImmutableTaskGraph compute(int index, LaunchLimits limits) {
    TaskGraph g = new TaskGraph(name + "part");
    if (index == 0) {
      consume(g, memory.stateArrays(), memory.otherArrays());
      if (!memory.inputArrays().isEmpty()) {
        g.transferToDevice(DataTransferMode.EVERY_EXECUTION, objects(memory.inputArrays()));
      }
    } else {
      consume(g, memory.stateArrays(), memory.otherArrays(), memory.inputArrays());
    }
    List<Step> steps = pieces.get(index).steps;
    for (int i = 0; i < steps.size(); i++) {
      add(g, steps.get(i).launch, ids.get(index).get(i), limits);
    }
    if (index == 0) {
      persist(g, memory.inputArrays());
    }
    return g.snapshot();
  }

  @SafeVarargs
  private static void consume(TaskGraph g, List<TornadoNativeArray>... arrays) {
    for (List<TornadoNativeArray> a : arrays) {
      if (!a.isEmpty()) {
        g.consumeFromDevice(objects(a));
      }
    }
  }

  @SafeVarargs
  private static void persist(TaskGraph g, List<TornadoNativeArray>... arrays) {
    for (List<TornadoNativeArray> a : arrays) {
      if (!a.isEmpty()) {
        g.persistOnDevice(objects(a));
      }
    }
  }

  private void add(TaskGraph g, Launch launch, String id, LaunchLimits limits) {
    limits.check(launch);
    launch.addTo(g, id);
    grids.addWorkerGrid(g.getTaskGraphName() + "." + id, launch.grid());
  }

  // ---- running ------------------------------------------------------------------------------

  List<Piece> pieces() {
    return pieces;
  }

  /** How many of the tasks TornadoVM compiles, the others having the code of one of them. */
  int compiled() {
    return (int) ids.stream().flatMap(List::stream).distinct().count();
  }

  /** Sends the host's state to the device. */
  void load() {
    for (int i = 0; i < loads.size(); i++) {
      last = plan.withGraph(i).execute();
    }
  }

  /** Runs one piece. */
  void run(int piece) {
    last = plan.withGraph(loads.size() + piece).execute();
    if (timing) {
      times.add(piece, last.getProfilerResult().getProfileLog());
    }
  }

  /** Whether the task graphs are replayed as CUDA graphs, whose launches cannot be timed. */
  boolean isCaptured() {
    return captured;
  }

  /** Whether the device's time of each task is noted from now on; not if they are captured. */
  void time(boolean on) {
    if (on != timing) {
      timing = on;
      if (on) {
        plan.withProfiler(ProfilerMode.SILENT);
      } else {
        plan.withoutProfiler();
      }
    }
  }

  /** Nanoseconds that step {@code index} of a piece took last, or -1 if that was not measured. */
  long nanos(int piece, int index) {
    return times.of(piece, name + "part." + ids.get(piece).get(index));
  }

  /** Brings arrays to the host, as the last graph left them. */
  void fetch(List<TornadoNativeArray> arrays) {
    last.transferToHost(objects(arrays));
  }

  /**
   * Gives back what the device has. TornadoVM frees the arrays of the chosen graphs only, and of
   * these the ones that they send or mark as staying.
   */
  @Override
  public void close() {
    try {
      plan.withAllGraphs();
      plan.close();
    } catch (TornadoExecutionPlanException e) {
      throw new IllegalStateException(name + ": the execution plan does not close", e);
    }
  }
}
