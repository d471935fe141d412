package io.manifoldmuon.emulator.plan;

import io.manifoldmuon.emulator.EmulatorException;
import io.manifoldmuon.emulator.Fault;
import io.manifoldmuon.emulator.graph.Recording;
import io.manifoldmuon.emulator.graph.Task;
import io.manifoldmuon.emulator.graph.Transfer;
import io.manifoldmuon.emulator.kernel.Kernel;
import io.manifoldmuon.emulator.kernel.Kernels;
import io.manifoldmuon.emulator.memory.DeviceArgument;
import io.manifoldmuon.emulator.memory.DeviceArray;
import io.manifoldmuon.emulator.run.Checks;
import io.manifoldmuon.emulator.run.Launch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** A graph, its compiled kernels, and its arrays in device memory. */
final class GraphOnDevice {
  private final Recording graph;
  private final HostMarks marks;
  private final boolean races;
  private final Map<String, Kernel> kernels = new HashMap<>();

  /** By the host's array, compared by identity. */
  private final IdentityHashMap<Object, DeviceArgument> arrays = new IdentityHashMap<>();

  private final Nodes nodes = new Nodes();
  private final Set<Object> sent = Collections.newSetFromMap(new IdentityHashMap<>());

  GraphOnDevice(Recording graph, HostMarks marks, boolean races) {
    this.graph = graph;
    this.marks = marks;
    this.races = races;
  }

  List<String> taskNames() {
    return graph.tasks().stream().map(this::nameOf).toList();
  }

  private String nameOf(Task task) {
    return graph.name() + "." + task.id();
  }

  /** Prepares kernels that are not. */
  void compile() {
    for (Task task : graph.tasks()) {
      kernels.computeIfAbsent(
          task.id(),
          id -> Kernels.prepare(nameOf(task), task.kernel(), task.arguments(), Checks.class));
    }
  }

  /**
   * Runs all tasks and transfers; {@code before} is the graph that the plan ran before, or null.
   */
  void execute(GraphOnDevice before, GridScheduler grids, ProfileBuilder profile) {
    long start = System.nanoTime();
    compile();
    profile.compiled(System.nanoTime() - start);
    for (Transfer transfer : graph.transfers()) {
      switch (transfer) {
        case Transfer.Consume consume -> consume(consume, before);
        case Transfer.ToDevice send -> send(send, profile);
        case Transfer.ToHost fetch -> {}
        case Transfer.Persist persist -> {}
      }
    }
    nodes.begin();
    for (Task task : graph.tasks()) {
      run(task, grids, profile);
    }
    nodes.check(graph);
    for (Transfer transfer : graph.transfers()) {
      if (transfer instanceof Transfer.ToHost(int mode, List<Object> wanted)
          && mode != DataTransferMode.UNDER_DEMAND) {
        wanted.forEach(array -> fetch(array, profile));
      }
    }
  }

  private void consume(Transfer.Consume consume, GraphOnDevice before) {
    String producer = consume.producer();
    String ran = before == null ? "none" : before.graph.name();
    if (before == null || !(producer.isEmpty() || producer.equals(ran))) {
      throw new EmulatorException(
          Fault.TRANSFER,
          "graph %s: it consumes from graph %s, which has to run immediately before it; the last to run"
                  .formatted(graph.name(), producer)
              + " was "
              + ran);
    }
    for (Object array : consume.arrays()) {
      DeviceArgument there = before.leaves(array) ? before.arrays.get(array) : null;
      if (there == null) {
        throw new EmulatorException(
            Fault.TRANSFER,
            "graph %s: it consumes %s, which graph %s has not left on the device: persistOnDevice"
                .formatted(graph.name(), describe(array), ran));
      }
      arrays.put(array, there);
    }
  }

  private boolean leaves(Object array) {
    for (Transfer transfer : graph.transfers()) {
      boolean leaves = transfer instanceof Transfer.Persist || transfer instanceof Transfer.Consume;
      if (leaves && transfer.arrays().contains(array)) {
        return true;
      }
    }
    return false;
  }

  private void send(Transfer.ToDevice send, ProfileBuilder profile) {
    boolean once = send.mode() == DataTransferMode.FIRST_EXECUTION;
    for (Object array : send.arrays()) {
      if (once && !sent.add(array)) {
        if (marks.changed(DeviceArgument.elementsOf(array))) {
          throw new EmulatorException(
              Fault.STALE,
              "graph %s: the host changed %s after it was sent, and FIRST_EXECUTION sends it no more;"
                      .formatted(graph.name(), describe(array))
                  + " use EVERY_EXECUTION, or a new plan");
        }
        continue;
      }
      DeviceArray device = onDevice(array).array();
      long start = System.nanoTime();
      device.send();
      marks.set(DeviceArgument.elementsOf(array));
      profile.sent(device.bytes(), System.nanoTime() - start);
    }
  }

  private void run(Task task, GridScheduler grids, ProfileBuilder profile) {
    String name = nameOf(task);
    Kernel kernel = kernels.get(task.id());
    WorkerGrid grid = grids.get(name);
    boolean context = task.arguments().stream().anyMatch(KernelContext.class::isInstance);
    if (context && grid == null) {
      throw new EmulatorException(
          Fault.GRID,
          "%s (%s): it has a KernelContext but no grid, so that one work-item would run; add a grid"
                  .formatted(name, kernel.name())
              + " named "
              + name);
    }
    List<Object> arguments = new ArrayList<>();
    for (int i = 0; i < task.arguments().size(); i++) {
      arguments.add(argument(task.arguments(), i));
    }
    long start = System.nanoTime();
    Launch.run(name, kernel, context ? grid : null, arguments, races);
    profile.ran(name, kernel.name(), System.nanoTime() - start);
    nodes.ran(arguments);
  }

  @SuppressWarnings("ReferenceEquality") // the same memory, not equal contents
  private Object argument(List<Object> given, int index) {
    TornadoNativeArray elements = DeviceArgument.elementsOf(given.get(index));
    if (elements == null) {
      return given.get(index);
    }
    DeviceArgument here = onDevice(given.get(index));
    boolean again =
        given.subList(index + 1, given.size()).stream()
            .anyMatch(a -> DeviceArgument.elementsOf(a) == elements);
    return again ? here.beforeAnother() : here;
  }

  private DeviceArgument onDevice(Object array) {
    return arrays.computeIfAbsent(array, a -> DeviceArgument.of(a, races));
  }

  /** Copies an array to the host, if it is on the device. */
  boolean fetch(Object array) {
    return fetch(array, new ProfileBuilder());
  }

  private boolean fetch(Object array, ProfileBuilder profile) {
    DeviceArgument there = arrays.get(array);
    if (there == null) {
      return false;
    }
    long start = System.nanoTime();
    there.array().fetch();
    marks.set(DeviceArgument.elementsOf(array));
    profile.fetched(there.array().bytes(), System.nanoTime() - start);
    return true;
  }

  long bytes() {
    return arrays.values().stream().mapToLong(argument -> argument.array().bytes()).sum();
  }

  void free() {
    arrays.clear();
    sent.clear();
  }

  private static String describe(Object array) {
    return "a %s of %d elements"
        .formatted(array.getClass().getSimpleName(), DeviceArgument.elementsOf(array).getSize());
  }
}
