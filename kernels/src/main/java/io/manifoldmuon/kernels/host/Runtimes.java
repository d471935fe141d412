package io.manifoldmuon.kernels.host;

import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/** Which TornadoVM this JVM was started with: the real one, the emulator, or only the API. */
final class Runtimes {
  private static final String EMULATOR = "io.manifoldmuon.emulator.";

  /** A device and the numbers that name it. */
  record Numbered(String id, TornadoDevice device) {}

  private Runtimes() {}

  /**
   * The runtime.
   *
   * @throws IllegalStateException with the reason if it does not start
   */
  private static TornadoRuntime runtime() {
    try {
      return TornadoRuntimeProvider.getTornadoRuntime();
    } catch (RuntimeException | LinkageError e) {
      throw new IllegalStateException("TornadoVM's runtime does not start: " + e, e);
    }
  }

  /** Whether the runtime is the emulator. */
  static boolean isEmulator() {
    return runtime().getClass().getName().startsWith(EMULATOR);
  }

  /** All devices of all backends, as {@code driver:device}. */
  static List<Numbered> devices() {
    TornadoRuntime runtime = runtime();
    List<Numbered> all = new ArrayList<>();
    for (int b = 0; b < runtime.getNumBackends(); b++) {
      for (int d = 0; d < runtime.getBackend(b).getNumDevices(); d++) {
        all.add(new Numbered(b + ":" + d, runtime.getBackend(b).getDevice(d)));
      }
    }
    return all;
  }

  static boolean isGpu(TornadoDevice device) {
    return device.getDeviceType() == TornadoDeviceType.GPU;
  }
}
