package io.manifoldmuon.linalg.engine;

import java.util.List;

/** Finds and opens one kind of engine; found by {@link java.util.ServiceLoader}. */
public interface EngineProvider {

  /** The name that users type. */
  String name();

  /** Higher is chosen first by {@code auto}; negative is never chosen by it. */
  int preference();

  /** Whether the engine can run here, on which devices, or why not. Never throws. */
  Probe probe();

  /**
   * Opens the engine.
   *
   * @throws io.manifoldmuon.linalg.EngineUnavailableException with the reason
   */
  Engine open(EngineOptions options);

  /**
   * The outcome of a probe.
   *
   * @param available whether {@link #open} can succeed
   * @param reason why not, or one line on what was found
   * @param devices what it would run on
   */
  record Probe(boolean available, String reason, List<Device> devices) {
    public Probe {
      devices = List.copyOf(devices);
    }
  }

  /**
   * One device.
   *
   * @param id what {@code --device} takes
   * @param description name, memory, limits
   */
  record Device(String id, String description) {}
}
