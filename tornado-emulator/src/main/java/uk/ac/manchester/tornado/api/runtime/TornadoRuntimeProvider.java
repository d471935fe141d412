package uk.ac.manchester.tornado.api.runtime;

import io.manifoldmuon.emulator.device.EmulatedRuntime;
import uk.ac.manchester.tornado.api.TornadoRuntime;

/** Gives the runtime, which here is the emulator's. */
public class TornadoRuntimeProvider {
  /** An object without use, as in TornadoVM. */
  public TornadoRuntimeProvider() {}

  /** The runtime. */
  public static TornadoRuntime getTornadoRuntime() {
    return EmulatedRuntime.INSTANCE;
  }
}
