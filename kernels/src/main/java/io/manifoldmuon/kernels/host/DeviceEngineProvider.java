package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.EngineUnavailableException;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.EngineProvider;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** Finds the devices of the TornadoVM that this JVM was started with, and opens engines on them. */
abstract class DeviceEngineProvider implements EngineProvider {

  /** Whether the runtime is this provider's. */
  abstract boolean accepts(boolean emulator);

  /** Why not, where {@link #accepts} says no. */
  abstract String refusal();

  @Override
  public final Probe probe() {
    List<Runtimes.Numbered> devices;
    try {
      if (!accepts(Runtimes.isEmulator())) {
        return new Probe(false, refusal(), List.of());
      }
      devices = Runtimes.devices();
    } catch (IllegalStateException e) {
      return new Probe(false, e.getMessage() + "; " + refusal(), List.of());
    }
    if (devices.isEmpty()) {
      return new Probe(false, "TornadoVM runs, but it lists no device", List.of());
    }
    List<Device> described = devices.stream().map(DeviceEngineProvider::describe).toList();
    return new Probe(true, described.getFirst().description(), described);
  }

  private static Device describe(Runtimes.Numbered n) {
    TornadoDevice d = n.device();
    LaunchLimits limits = LaunchLimits.of(d);
    return new Device(
        n.id(),
        d.getPhysicalDevice().getDeviceName() + ", " + d.getDeviceType(),
        d.getTornadoVMBackend().toString(),
        d.getMaxGlobalMemory(),
        "groups to "
            + limits.maxGroup()
            + ", local memory "
            + d.getDeviceLocalMemorySize() / 1024
            + " KiB, arrays to "
            + limits.maxAllocation() / (1024 * 1024)
            + " MiB");
  }

  private Runtimes.Numbered device(String id) {
    Probe probe = probe();
    if (!probe.available()) {
      throw new EngineUnavailableException("engine '" + name() + "': " + probe.reason());
    }
    List<Runtimes.Numbered> all = Runtimes.devices();
    return all.stream()
        .filter(d -> id.isEmpty() || d.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new EngineUnavailableException(
                    "engine '"
                        + name()
                        + "': device '"
                        + id
                        + "' given, there are "
                        + all.stream().map(Runtimes.Numbered::id).collect(Collectors.joining(", "))
                        + "; ./muon devices lists them"));
  }

  private DeviceEngine engine(Runtimes.Numbered d) {
    Device described = describe(d);
    String description =
        "float32, device " + d.id() + ": " + described.description() + ", " + described.backend();
    return new DeviceEngine(name(), description, d.device());
  }

  @Override
  public final Engine open(EngineOptions options) {
    Runtimes.Numbered d = device(options.device());
    // the emulator compiles nothing, so there is nothing that could be compiled wrongly
    SelfTest test = Runtimes.isEmulator() ? new SelfTest(true, "") : test(d);
    if (!test.passed()) {
      throw new EngineUnavailableException(
          "engine '"
              + name()
              + "': device "
              + d.id()
              + " ("
              + d.device().getDeviceName()
              + ") fails the self-test: "
              + test.report());
    }
    return engine(d);
  }

  @Override
  public final Optional<SelfTest> selfTest(String device) {
    return Optional.of(test(device(device)));
  }

  private SelfTest test(Runtimes.Numbered d) {
    try (DeviceEngine engine = engine(d)) {
      return DeviceSelfTest.run(engine);
    }
  }
}
