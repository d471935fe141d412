package io.manifoldmuon.emulator.plan;

import io.manifoldmuon.emulator.EmulatorException;
import io.manifoldmuon.emulator.Fault;
import io.manifoldmuon.emulator.graph.Recording;
import io.manifoldmuon.emulator.graph.Transfer;
import io.manifoldmuon.emulator.memory.DeviceArgument;
import io.manifoldmuon.emulator.memory.DeviceArray;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;

/**
 * Counts what TornadoVM keeps of a graph in a table that does not grow: one node for each number
 * and each array that it knows, two for the device, one for each task and for each array that a
 * task writes, two for each array that is used, and one for each that is fetched.
 */
final class Nodes {
  static final int MOST = 1024;

  private final Set<Object> numbers = new HashSet<>();
  private final Set<DeviceArray> used = Collections.newSetFromMap(new IdentityHashMap<>());
  private int tasks;
  private int writes;

  void begin() {
    numbers.clear();
    used.clear();
    tasks = 0;
    writes = 0;
  }

  /** A task ran on these arguments. */
  void ran(List<Object> arguments) {
    tasks++;
    Set<DeviceArray> own = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Object argument : arguments) {
      if (argument instanceof DeviceArgument a) {
        used.add(a.array());
        if (own.add(a.array()) && a.array().isWritten()) {
          writes++;
        }
      } else if (!(argument instanceof KernelContext)) {
        numbers.add(argument);
      }
    }
  }

  void check(Recording graph) {
    Set<Object> known = Collections.newSetFromMap(new IdentityHashMap<>());
    int fetched = 0;
    for (Transfer t : graph.transfers()) {
      known.addAll(t.arrays());
      if (t instanceof Transfer.ToHost(int mode, List<Object> arrays)
          && mode != DataTransferMode.UNDER_DEMAND) {
        fetched += arrays.size();
      }
    }
    int arrays = Math.max(known.size(), used.size());
    int nodes = numbers.size() + arrays + 2 + tasks + writes + 2 * used.size() + fetched;
    if (nodes > MOST) {
      throw new EmulatorException(
          Fault.LIMIT,
          "graph %s: %d nodes for %d tasks, %d arrays and %d numbers, TornadoVM's table has %d; split"
                  .formatted(graph.name(), nodes, tasks, arrays, numbers.size(), MOST)
              + " the graph over several of one plan");
    }
  }
}
