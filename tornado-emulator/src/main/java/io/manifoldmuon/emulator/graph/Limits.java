package io.manifoldmuon.emulator.graph;

import io.manifoldmuon.emulator.EmulatorException;
import io.manifoldmuon.emulator.Fault;
import io.manifoldmuon.emulator.memory.DeviceArgument;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;

/** What TornadoVM can hold in one graph, and what it can hold at all. */
public final class Limits {
  /** Tasks of a graph. */
  public static final int TASKS = 256;

  /** Bytes of a graph's own code: 15 per task and 5 per argument. */
  public static final int BYTES = 8192;

  private static final int BYTES_PER_TASK = 15;
  private static final int BYTES_PER_ARGUMENT = 5;

  private Limits() {}

  /** Fails if {@code graphs} cannot be one plan. */
  public static void check(List<Recording> graphs) {
    Map<String, Task> named = new HashMap<>();
    for (Recording graph : graphs) {
      check(graph);
      for (Task task : graph.tasks()) {
        Task other = named.putIfAbsent(graph.name() + "." + task.id(), task);
        if (other != null && !other.sharesCodeWith(task)) {
          throw new EmulatorException(
              Fault.SCALAR,
              "plan: two graphs are named %s and have different tasks %s, and kernels are kept by the"
                      .formatted(graph.name(), task.id())
                  + " names of graph and task, with their scalars folded in; give graphs names of"
                  + " their own");
        }
      }
    }
  }

  private static void check(Recording graph) {
    if (graph.tasks().isEmpty()) {
      throw new EmulatorException(Fault.LIMIT, "graph " + graph.name() + ": it has no tasks");
    }
    Set<String> ids = new HashSet<>();
    int bytes = 0;
    for (Task task : graph.tasks()) {
      if (!ids.add(task.id())) {
        throw new EmulatorException(
            Fault.SCALAR,
            "graph %s: two tasks are named %s, and a kernel is kept by that name, with its scalars"
                    .formatted(graph.name(), task.id())
                + " folded in; give tasks names of their own");
      }
      bytes += BYTES_PER_TASK + BYTES_PER_ARGUMENT * task.arguments().size();
      checkArguments(graph, task);
    }
    if (graph.tasks().size() > TASKS || bytes > BYTES) {
      throw new EmulatorException(
          Fault.LIMIT,
          "graph %s: %d tasks with %d bytes were given, at most %d and %d fit; split it over several"
                  .formatted(graph.name(), graph.tasks().size(), bytes, TASKS, BYTES)
              + " graphs of one plan");
    }
    for (Transfer transfer : graph.transfers()) {
      checkTransfer(graph, transfer);
    }
  }

  private static void checkArguments(Recording graph, Task task) {
    int contexts = 0;
    for (int i = 0; i < task.arguments().size(); i++) {
      Object argument = task.arguments().get(i);
      boolean scalar =
          argument instanceof Integer
              || argument instanceof Long
              || argument instanceof Float
              || argument instanceof Double
              || argument instanceof Short
              || argument instanceof Byte
              || argument instanceof Boolean
              || argument instanceof Character;
      if (argument instanceof KernelContext) {
        contexts++;
      } else if (!scalar && DeviceArgument.elementsOf(argument) == null) {
        throw new EmulatorException(
            Fault.KERNEL,
            "%s.%s: argument %d is a %s; primitive values, arrays of TornadoVM and a KernelContext"
                    .formatted(graph.name(), task.id(), i, argument.getClass().getName())
                + " can be handed to a kernel");
      }
    }
    if (contexts > 1) {
      throw new EmulatorException(
          Fault.KERNEL,
          "%s.%s: it has %d KernelContexts, one was wanted"
              .formatted(graph.name(), task.id(), contexts));
    }
  }

  private static void checkTransfer(Recording graph, Transfer transfer) {
    if (transfer instanceof Transfer.ToDevice(int mode, List<Object> arrays)
        && mode == DataTransferMode.UNDER_DEMAND) {
      throw new EmulatorException(
          Fault.TRANSFER,
          "graph %s: %d arrays are to be sent under demand, but nothing can demand it; use"
                  .formatted(graph.name(), arrays.size())
              + " FIRST_EXECUTION or EVERY_EXECUTION");
    }
    for (Object array : transfer.arrays()) {
      if (DeviceArgument.elementsOf(array) == null) {
        throw new EmulatorException(
            Fault.TRANSFER,
            "graph %s: a %s is to be moved, only arrays of TornadoVM can be"
                .formatted(graph.name(), array.getClass().getName()));
      }
    }
  }
}
