package uk.ac.manchester.tornado.api;

import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/** All backends. */
public interface TornadoRuntime {
  /** Backend {@code index}. */
  TornadoBackend getBackend(int index);

  /** What backend {@code index} is. */
  TornadoVMBackendType getBackendType(int index);

  /** How many there are. */
  int getNumBackends();

  /** The device that is taken where none is named. */
  TornadoDevice getDefaultDevice();
}
