package io.manifoldmuon.emulator.plan;

import io.manifoldmuon.emulator.device.EmulatedDevice;
import io.manifoldmuon.emulator.graph.Recording;
import java.util.List;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** The graphs of one execution plan and what they have on the device. */
public final class Plan {
  private final List<Recording> graphs;
  private GridScheduler grids = new GridScheduler();
  private List<Recording> chosen;

  /** A plan of {@code graphs}, all chosen. */
  public Plan(List<Recording> graphs) {
    this.graphs = List.copyOf(graphs);
    chosen = this.graphs;
  }

  /** Chooses one graph. */
  public void choose(int index) {
    chosen = List.of(graphs.get(index));
  }

  /** Chooses all graphs. */
  public void chooseAll() {
    chosen = graphs;
  }

  /** Sets the grids of all tasks. */
  public void grids(GridScheduler scheduler) {
    grids = scheduler;
  }

  /** Chooses the device. */
  public void device(TornadoDevice device) {
    if (device != EmulatedDevice.INSTANCE) {
      throw new IllegalArgumentException("emulator: it has no device " + device.getDeviceName());
    }
  }

  /** The device of graph {@code index}. */
  public TornadoDevice device(int index) {
    return EmulatedDevice.INSTANCE;
  }

  /** Prepares the kernels of the chosen graphs. */
  public void compile() {}

  /** Runs the chosen graphs. */
  public Profile execute() {
    if (!chosen.isEmpty()) {
      throw new UnsupportedOperationException("emulator: no execution yet " + grids);
    }
    return new Profile(0, 0, 0, 0, 0, 0, 0, "{}");
  }

  /** Copies arrays to the host. */
  public void transferToHost(Object... arrays) {
    if (arrays.length > 0) {
      throw new UnsupportedOperationException("emulator: no execution yet");
    }
  }

  /** Bytes on the device. */
  public long bytesOnDevice() {
    return 0;
  }

  /** Gives back the memory on the device. */
  public void free() {}

  /** Ends the plan. */
  public void close() {}
}
