package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.graph.Phase;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
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
 * all arrays from whichever that was, and leaves all of them.
 */
final class GraphCycle implements AutoCloseable {
  /**
   * TornadoVM holds 256 tasks a graph and 8,192 bytes of Σ (15 + 5·arguments): with the 20
   * arguments that a task may have, that is 71 tasks.
   */
  static final int MOST_TASKS = 64;

  /** TornadoVM's own flags add fast-relaxed-math, with which comparisons with NaN are dropped. */
  private static final String OPENCL_FLAGS = "-cl-mad-enable -w";

  /** A launch and the part of the step that its time is counted under. */
  record Step(Launch launch, Phase phase, String where) {}

  /** Consecutive steps that are one task graph. */
  record Piece(Phase phase, List<Step> steps) {}

  private final List<Piece> pieces;
  private final String name;
  private final ProgramMemory memory;
  private final TornadoExecutionPlan plan;
  private final GridScheduler grids = new GridScheduler();
  private TornadoExecutionResult last;

  /**
   * Makes the plan.
   *
   * @param name unique among the programs of the process
   */
  GraphCycle(
      String name,
      ProgramMemory memory,
      List<Step> steps,
      TornadoDevice device,
      LaunchLimits limits) {
    this.name = name;
    this.memory = memory;
    this.pieces = cut(steps);
    List<ImmutableTaskGraph> graphs = new ArrayList<>();
    graphs.add(load(limits));
    for (int i = 0; i < pieces.size(); i++) {
      graphs.add(compute(i, limits));
    }
    plan = new TornadoExecutionPlan(graphs.toArray(ImmutableTaskGraph[]::new));
    plan.withDevice(device);
    plan.withGridScheduler(grids);
    plan.withCompilerFlags(TornadoVMBackendType.OPENCL, OPENCL_FLAGS);
  }

  private static List<Piece> cut(List<Step> steps) {
    List<Piece> pieces = new ArrayList<>();
    List<Step> piece = new ArrayList<>();
    for (Step s : steps) {
      if (!piece.isEmpty() && (piece.getFirst().phase != s.phase || piece.size() == MOST_TASKS)) {
        pieces.add(new Piece(piece.getFirst().phase, List.copyOf(piece)));
        piece.clear();
      }
      piece.add(s);
    }
    if (!piece.isEmpty()) {
      pieces.add(new Piece(piece.getFirst().phase, List.copyOf(piece)));
    }
    return pieces;
  }

  // ---- graphs -------------------------------------------------------------------------------

  private static Object[] objects(List<TornadoNativeArray> arrays) {
    return arrays.toArray();
  }

  private ImmutableTaskGraph load(LaunchLimits limits) {
    TaskGraph g = new TaskGraph(name + "load");
    if (!memory.stateArrays().isEmpty()) {
      g.transferToDevice(DataTransferMode.EVERY_EXECUTION, objects(memory.stateArrays()));
    }
    List<Launch> marks = new ArrayList<>();
    memory.stateArrays().forEach(a -> marks.add(MarkLaunches.keep(a)));
    memory.otherArrays().forEach(a -> marks.add(MarkLaunches.begin(a)));
    if (marks.isEmpty()) {
      marks.add(MarkLaunches.begin(new FloatArray(1)));
    }
    for (int i = 0; i < marks.size(); i++) {
      add(g, marks.get(i), i, limits);
    }
    persist(g, memory.stateArrays(), memory.otherArrays());
    return g.snapshot();
  }

  private ImmutableTaskGraph compute(int index, LaunchLimits limits) {
    TaskGraph g = new TaskGraph(name + "part" + index);
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
      add(g, steps.get(i).launch, i, limits);
    }
    persist(g, memory.stateArrays(), memory.otherArrays(), memory.inputArrays());
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

  private void add(TaskGraph g, Launch launch, int index, LaunchLimits limits) {
    limits.check(launch);
    String id = "t" + index;
    launch.addTo(g, id);
    grids.addWorkerGrid(g.getTaskGraphName() + "." + id, launch.grid());
  }

  // ---- running ------------------------------------------------------------------------------

  List<Piece> pieces() {
    return pieces;
  }

  /** Sends the host's state to the device. */
  void load() {
    last = plan.withGraph(0).execute();
  }

  /** Runs one piece. */
  void run(int piece) {
    last = plan.withGraph(piece + 1).execute();
  }

  /** Brings arrays to the host, as the last graph left them. */
  void fetch(List<TornadoNativeArray> arrays) {
    last.transferToHost(objects(arrays));
  }

  @Override
  public void close() {
    try {
      plan.close();
    } catch (TornadoExecutionPlanException e) {
      throw new IllegalStateException(name + ": the execution plan does not close", e);
    }
  }
}
