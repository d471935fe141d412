package uk.ac.manchester.tornado.api;

import java.util.List;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/** A way to drive devices. */
public interface TornadoBackend {
  /** The device that is taken where none is named. */
  TornadoDevice getDefaultDevice();

  /** How many devices it drives. */
  int getNumDevices();

  /** Device {@code index}. */
  TornadoDevice getDevice(int index);

  /** All devices. */
  List<TornadoDevice> getAllDevices();

  /** The type of the default device. */
  TornadoDeviceType getTypeDefaultDevice();

  /** Its name. */
  String getName();

  /** How many platforms it found. */
  int getNumPlatforms();

  /** What it is. */
  TornadoVMBackendType getBackendType();
}
