package io.manifoldmuon.linalg.engine;

import java.util.List;
import java.util.Optional;

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
   * Runs small known computations on a device and compares the results; empty where an engine has
   * no such test because it needs no device. A device that fails is refused by {@link #open}.
   *
   * @param device the id of one of the probe's devices
   */
  default Optional<SelfTest> selfTest(String device) {
    return Optional.empty();
  }

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
   * @param description its name
   * @param backend what drives it, such as OpenCL; empty for the host
   * @param memoryBytes its memory; 0 where that is not known
   * @param limits what a kernel may use, in words; may be empty
   */
  record Device(String id, String description, String backend, long memoryBytes, String limits) {
    /** The host itself. */
    public Device(String id, String description) {
      this(id, description, "", 0, "");
    }
  }

  /**
   * The outcome of a self-test.
   *
   * @param passed whether every result was right
   * @param report what was computed, or what was wrong
   */
  record SelfTest(boolean passed, String report) {}
}
