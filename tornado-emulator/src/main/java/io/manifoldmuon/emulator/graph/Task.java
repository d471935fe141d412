package io.manifoldmuon.emulator.graph;

import io.manifoldmuon.emulator.memory.DeviceArgument;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;

/**
 * A recorded task: {@code kernel} is one of the interfaces of {@code TornadoFunctions}, with as
 * many parameters as there are arguments.
 */
public record Task(String id, Object kernel, List<Object> arguments) {
  /** Copies the list. */
  public Task {
    arguments = List.copyOf(arguments);
  }

  /**
   * Whether the code that is compiled for one task does for another: both are of one method
   * reference, with the same scalars, arrays of the same types, and the same array where the other
   * has the same array.
   */
  boolean sharesCodeWith(Task other) {
    return kernel.getClass() == other.kernel.getClass() && folded().equals(other.folded());
  }

  /** What is folded into the code of each argument. */
  private List<Object> folded() {
    IdentityHashMap<Object, Integer> places = new IdentityHashMap<>();
    List<Object> folded = new ArrayList<>();
    for (Object argument : arguments) {
      if (argument instanceof KernelContext) {
        folded.add(KernelContext.class);
      } else if (DeviceArgument.elementsOf(argument) == null) {
        folded.add(argument);
      } else {
        places.putIfAbsent(argument, places.size());
        folded.add(List.of(argument.getClass(), places.get(argument)));
      }
    }
    return folded;
  }
}
