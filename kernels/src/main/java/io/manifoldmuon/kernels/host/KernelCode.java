package io.manifoldmuon.kernels.host;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraphInterface;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
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
    List<Object> task = task(launch);
    return new KernelCode(
        task.get(1).getClass(), folded(task.subList(2, task.size())), sizes(launch.grid()));
  }

  /** What a launch adds to a graph: the name of the task, the kernel, its arguments. */
  private static List<Object> task(Launch launch) {
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
    return task;
  }

  /**
   * Checks that a launch names every array that its kernel gets among what it reads and writes:
   * launches are put in another order by these.
   */
  static void checkOperands(Launch launch) {
    Set<Object> named = Collections.newSetFromMap(new IdentityHashMap<>());
    launch.reads().forEach(b -> named.add(b.array()));
    launch.writes().forEach(b -> named.add(b.array()));
    for (Object argument : task(launch)) {
      // buffers lie in these two; float64 is scratch memory that no other launch knows
      boolean holdsValues = argument instanceof FloatArray || argument instanceof IntArray;
      if (holdsValues && !named.contains(argument)) {
        throw new IllegalStateException(
            "kernel "
                + launch.name()
                + ": gets an array of "
                + ((TornadoNativeArray) argument).getSize()
                + " elements that the launch names neither among its reads nor its writes");
      }
    }
  }

  /** How many of the arguments that a launch hands to its kernel are an array. */
  @SuppressWarnings("ReferenceEquality") // the same memory, not equal contents
  static long timesHandedOver(Launch launch, TornadoNativeArray array) {
    return task(launch).stream().filter(argument -> argument == array).count();
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
