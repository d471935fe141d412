package io.manifoldmuon.kernels.host;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraphInterface;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * What decides the code that TornadoVM compiles for a launch: launches that are equal in it can run
 * one and the same code on arrays of their own.
 *
 * @param kernel the class of the method reference
 * @param folded the numbers, which are folded into the code, and for each array its type and which
 *     of the distinct arrays it is
 * @param sizes the global and local sizes
 */
record KernelCode(Class<?> kernel, List<Object> folded, List<Long> sizes) {

  KernelCode {
    folded = List.copyOf(folded);
    sizes = List.copyOf(sizes);
  }

  /** The code of a launch. */
  static KernelCode of(Launch launch) {
    List<Object> task = new ArrayList<>();
    TaskGraphInterface recorder =
        (TaskGraphInterface)
            Proxy.newProxyInstance(
                TaskGraphInterface.class.getClassLoader(),
                new Class<?>[] {TaskGraphInterface.class},
                (_, _, arguments) -> {
                  task.addAll(Arrays.asList(arguments));
                  return null;
                });
    launch.addTo(recorder, "");
    Object kernel = task.get(1);
    return new KernelCode(
        kernel.getClass(), folded(task.subList(2, task.size())), sizes(launch.grid()));
  }

  private static List<Object> folded(List<Object> arguments) {
    IdentityHashMap<Object, Integer> places = new IdentityHashMap<>();
    List<Object> folded = new ArrayList<>();
    for (Object argument : arguments) {
      if (argument instanceof TornadoNativeArray) {
        places.putIfAbsent(argument, places.size());
        folded.add(List.of(argument.getClass(), places.get(argument)));
      } else {
        folded.add(argument instanceof KernelContext ? KernelContext.class : argument);
      }
    }
    return folded;
  }

  private static List<Long> sizes(WorkerGrid grid) {
    List<Long> sizes = new ArrayList<>();
    for (int d = 0; d < grid.dimension(); d++) {
      sizes.add(grid.getGlobalWork()[d]);
      sizes.add(grid.getLocalWork()[d]);
    }
    return sizes;
  }
}
