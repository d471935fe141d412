package io.manifoldmuon.emulator.plan;

import io.manifoldmuon.emulator.EmulatorException;
import io.manifoldmuon.emulator.Fault;
import io.manifoldmuon.emulator.device.EmulatedDevice;
import io.manifoldmuon.emulator.graph.Limits;
import io.manifoldmuon.emulator.graph.Recording;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** The graphs of one execution plan and what they have on the device. */
public final class Plan {
  /** {@code off} to look for no races, which is faster. */
  public static final String RACES = "manifold.emulator.races";

  /** So many tasks a message names. */
  private static final int NAMES = 8;

  private final List<GraphOnDevice> graphs = new ArrayList<>();
  private final HostMarks marks = new HostMarks();
  private List<GraphOnDevice> chosen;
  private GridScheduler grids = new GridScheduler();
  private GraphOnDevice last;
  private boolean closed;

  /** A plan of {@code recordings}, all chosen. */
  public Plan(List<Recording> recordings) {
    Limits.check(recordings);
    boolean races = !System.getProperty(RACES, "on").equals("off");
    for (Recording recording : recordings) {
      graphs.add(new GraphOnDevice(recording, marks, races));
    }
    chosen = List.copyOf(graphs);
  }

  /** Chooses one graph. */
  public void choose(int index) {
    chosen = List.of(graph(index));
  }

  private GraphOnDevice graph(int index) {
    if (index < 0 || index >= graphs.size()) {
      throw new EmulatorException(
          Fault.TRANSFER,
          "plan: graph %d was asked for, there are %d".formatted(index, graphs.size()));
    }
    return graphs.get(index);
  }

  /** Chooses all graphs. */
  public void chooseAll() {
    chosen = List.copyOf(graphs);
  }

  /** Sets the grids of all tasks; each has to be that of a task. */
  public void grids(GridScheduler scheduler) {
    Set<String> tasks = new TreeSet<>();
    graphs.forEach(graph -> tasks.addAll(graph.taskNames()));
    for (String name : scheduler.keySet()) {
      if (!tasks.contains(name)) {
        throw new EmulatorException(
            Fault.GRID,
            "plan: there is a grid for %s, which is none of its %d tasks %s; a grid is named graph.task"
                .formatted(name, tasks.size(), tasks.stream().limit(NAMES).toList()));
      }
    }
    grids = scheduler;
  }

  /** Chooses the device. */
  public void device(TornadoDevice device) {
    if (device != EmulatedDevice.INSTANCE) {
      throw new EmulatorException(
          Fault.KERNEL,
          "plan: device " + device.getDeviceName() + " was given, the emulator has one");
    }
  }

  /** The device of graph {@code index}. */
  public TornadoDevice device(int index) {
    graph(index);
    return EmulatedDevice.INSTANCE;
  }

  /** Prepares the kernels of the chosen graphs. */
  public void compile() {
    checkOpen();
    chosen.forEach(GraphOnDevice::compile);
  }

  /** Runs the chosen graphs. */
  public Profile execute() {
    checkOpen();
    ProfileBuilder profile = new ProfileBuilder();
    for (GraphOnDevice graph : chosen) {
      graph.execute(last, grids, profile);
      last = graph;
    }
    return profile.build();
  }

  /** Copies arrays of the graphs that ran last to the host. */
  public void transferToHost(Object... arrays) {
    checkOpen();
    for (Object array : arrays) {
      boolean found = false;
      for (GraphOnDevice graph : chosen) {
        found |= graph.fetch(array);
      }
      if (!found) {
        throw new EmulatorException(
            Fault.TRANSFER,
            "plan: an array is to be copied to the host that none of the chosen graphs has on the"
                + " device; choose the graph that made it");
      }
    }
  }

  /** Bytes on the device. */
  public long bytesOnDevice() {
    return graphs.stream().mapToLong(GraphOnDevice::bytes).sum();
  }

  /** Gives back the memory on the device. */
  public void free() {
    graphs.forEach(GraphOnDevice::free);
    last = null;
  }

  /** Ends the plan. */
  public void close() {
    free();
    closed = true;
  }

  private void checkOpen() {
    if (closed) {
      throw new EmulatorException(Fault.TRANSFER, "plan: it was closed, and cannot run any more");
    }
  }
}
