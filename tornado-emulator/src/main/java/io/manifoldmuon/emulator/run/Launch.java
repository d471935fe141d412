package io.manifoldmuon.emulator.run;

import io.manifoldmuon.emulator.EmulatorException;
import io.manifoldmuon.emulator.Fault;
import io.manifoldmuon.emulator.device.EmulatedDevice;
import io.manifoldmuon.emulator.kernel.Kernel;
import io.manifoldmuon.emulator.kernel.KernelLoader;
import io.manifoldmuon.emulator.memory.DeviceArgument;
import io.manifoldmuon.emulator.memory.LocalArrays;
import io.manifoldmuon.emulator.memory.Position;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;

/** One run of a kernel over its grid. */
public final class Launch extends Position implements Turns.Items {
  /** Kernels of different plans do not run at once: {@link Checks} serves one. */
  private static final ReentrantLock ONE_AT_A_TIME = new ReentrantLock();

  private final String task;
  private final Kernel kernel;
  private final Grid grid;
  private final Object[] arguments;
  private final int contextAt;
  private final LocalArrays localArrays;
  private final Turns turns;

  /** Per work-item of the group where it is. */
  private final Place[] places;

  /** Per work-item of the group, how often it multiplied on tensor cores. */
  private final int[] products;

  private int group;
  private int[] groupIndex = new int[3];
  private Place here;
  private boolean globalBarrier;

  /** Where the parallel loops of a kernel without a context are. */
  private final Iteration iteration = new Iteration();

  private Launch(String task, Kernel kernel, Grid grid, List<Object> given, boolean races) {
    super(grid.groupSize());
    this.task = task;
    this.kernel = kernel;
    this.grid = grid;
    arguments = given.toArray();
    int context = -1;
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i] instanceof DeviceArgument argument) {
        arguments[i] = argument.view();
      } else if (arguments[i] instanceof KernelContext) {
        context = i;
      }
    }
    contextAt = context;
    localArrays = new LocalArrays(this, races, EmulatedDevice.LOCAL_BYTES);
    places = new Place[grid.groupSize()];
    Arrays.setAll(places, i -> new Place());
    products = new int[grid.groupSize()];
    turns = new Turns(this, grid.groups(), grid.groupSize());
  }

  /**
   * Runs {@code kernel} over {@code workers}, or as one work-item if that is null.
   *
   * @param task the name {@code graph.task}
   * @param arguments scalars, a {@link KernelContext}, and {@link DeviceArgument}s
   * @param races whether races are looked for
   */
  public static void run(
      String task, Kernel kernel, WorkerGrid workers, List<Object> arguments, boolean races) {
    Grid grid = workers == null ? Grid.single() : Grid.of(task, workers);
    Launch launch = new Launch(task, kernel, grid, arguments, races);
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i) instanceof DeviceArgument argument) {
        String type = argument.view().getClass().getSimpleName();
        argument.array().beginLaunch(kernel.parameters().get(i) + " (" + type + ")", launch);
      }
    }
    ONE_AT_A_TIME.lock();
    try {
      Checks.begin(launch);
      launch.turns.run();
      launch.checkWarps();
    } finally {
      Checks.begin(null);
      ONE_AT_A_TIME.unlock();
    }
  }

  LocalArrays localArrays() {
    return localArrays;
  }

  @Override
  public void beginGroup(int number) {
    checkWarps();
    Arrays.fill(products, 0);
    group = number;
    groupIndex = grid.group(number);
    beginGroup();
    localArrays.beginGroup();
  }

  @Override
  public void run(int inGroup) {
    turnTo(group * grid.groupSize() + inGroup);
    here = places[inGroup];
    here.begin();
    if (contextAt >= 0) {
      arguments[contextAt] = new WorkItem(this, grid, groupIndex, inGroup); // the call copies them
    }
    try {
      kernel.code().invokeExact(arguments);
    } catch (EmulatorException | Turns.Over e) {
      throw e;
    } catch (Throwable e) { // a method handle declares it; whatever the kernel threw is its fault
      throw new EmulatorException(Fault.KERNEL, where(lineOf(e)) + ": fails with " + e, e);
    }
  }

  void iteration(int loop, int value) {
    if (contextAt < 0) {
      turnTo(iteration.at(loop, value));
    }
  }

  /** Where the work-item is that has the turn. */
  Place here() {
    return here;
  }

  void barrier(int inGroup, boolean global) {
    if (!grid.chosen() && grid.groupSize() == 1) {
      throw fault(
          Fault.GRID,
          "has a barrier, for which its grid has to have a size of groups: setLocalWork");
    }
    globalBarrier = global;
    turns.await(inGroup);
    turnTo(group * grid.groupSize() + inGroup);
    here = places[inGroup];
  }

  @Override
  public void passBarrier(boolean[] waiting) {
    checkWarps();
    int first = group * grid.groupSize();
    int waits = -1;
    for (int i = 0; i < waiting.length; i++) {
      if (waiting[i]) {
        waits = i;
      }
    }
    for (int i = 0; i < waiting.length; i++) {
      String other = waiting[i] ? places[waits].differenceTo(places[i]) : "has ended";
      if (other != null) {
        turnTo(first + waits);
        throw new EmulatorException(
            Fault.BARRIER,
            "%s: waits at the barrier of line %d, but %s of its group %s; the whole group has to reach"
                    .formatted(where(""), places[waits].line(), nameOf(first + i), other)
                + " the same barrier");
      }
    }
    if (globalBarrier) {
      passedGlobalBarrier();
    } else {
      passedLocalBarrier();
    }
  }

  /** What the work-item does in its warp. */
  Warp warp(int inGroup) {
    if (!grid.chosen() || grid.local()[0] % Warp.SIZE != 0) {
      throw fault(
          Fault.GRID,
          "multiplies on tensor cores, for which its grid has to have groups of a multiple of %d in the"
                  .formatted(Warp.SIZE)
              + " first dimension: setLocalWork");
    }
    return new Warp(this, inGroup % Warp.SIZE);
  }

  /** The work-item multiplies on tensor cores once more. */
  void multiplied(int inGroup) {
    products[inGroup]++;
  }

  /** Fails where the work-items of a warp have not multiplied equally often. */
  private void checkWarps() {
    for (int i = 0; i < products.length; i++) {
      int first = i / Warp.SIZE * Warp.SIZE;
      if (products[i] != products[first]) {
        turnTo(group * grid.groupSize() + i);
        throw new EmulatorException(
            Fault.BARRIER,
            "%s: multiplied %d times on tensor cores, but %s of its warp %d times; all %d have to at once"
                .formatted(
                    where(""),
                    products[i],
                    nameOf(group * grid.groupSize() + first),
                    products[first],
                    Warp.SIZE));
      }
    }
  }

  Object localArray(int number, Class<?> type, int bytesEach, int size) {
    if (!grid.chosen()) {
      throw fault(
          Fault.GRID,
          "has a local array, for which its grid has to have a size of groups: setLocalWork");
    }
    return localArrays.get(number, type, bytesEach, size);
  }

  EmulatorException unsupported(String what) {
    return fault(Fault.KERNEL, what);
  }

  @Override
  public EmulatorException fault(Fault fault, String what) {
    return new EmulatorException(fault, where(lineNow()) + ": " + what);
  }

  private String where(String source) {
    return "%s (%s%s), %s".formatted(task, kernel.name(), source, nameOf(item()));
  }

  @Override
  public String nameOf(int number) {
    if (contextAt < 0) {
      return iteration.nameOf(number);
    }
    int[] in = grid.group(number / grid.groupSize());
    int[] local = grid.local(number % grid.groupSize());
    return "work-item %s (%s of group %s)"
        .formatted(text(grid.global(in, local)), text(local), text(in));
  }

  private static String text(int[] index) {
    return Arrays.toString(index);
  }

  /** The line of the kernel's code that runs, as {@code ", File.java:12"}. */
  private static String lineNow() {
    return StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
        .walk(
            frames ->
                frames
                    .filter(f -> f.getDeclaringClass().getClassLoader() instanceof KernelLoader)
                    .findFirst()
                    .map(f -> ", " + f.getFileName() + ":" + f.getLineNumber())
                    .orElse(""));
  }

  private static String lineOf(Throwable failure) {
    StackTraceElement[] frames = failure.getStackTrace();
    return frames.length == 0
        ? ""
        : ", " + frames[0].getFileName() + ":" + frames[0].getLineNumber();
  }
}
