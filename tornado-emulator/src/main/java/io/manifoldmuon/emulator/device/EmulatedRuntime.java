package io.manifoldmuon.emulator.device;

import java.util.List;
import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoDeviceNotFound;

/** One backend with one device: the JVM. */
public enum EmulatedRuntime implements TornadoRuntime, TornadoBackend {
  /** The only one. */
  INSTANCE;

  @Override
  public TornadoBackend getBackend(int index) {
    only("backend", index);
    return this;
  }

  @Override
  public TornadoVMBackendType getBackendType(int index) {
    return getBackend(index).getBackendType();
  }

  @Override
  public int getNumBackends() {
    return 1;
  }

  @Override
  public TornadoDevice getDefaultDevice() {
    return EmulatedDevice.INSTANCE;
  }

  @Override
  public int getNumDevices() {
    return 1;
  }

  @Override
  public TornadoDevice getDevice(int index) {
    only("device", index);
    return EmulatedDevice.INSTANCE;
  }

  @Override
  public List<TornadoDevice> getAllDevices() {
    return List.of(EmulatedDevice.INSTANCE);
  }

  @Override
  public TornadoDeviceType getTypeDefaultDevice() {
    return EmulatedDevice.INSTANCE.getDeviceType();
  }

  @Override
  public String getName() {
    return "emulator";
  }

  @Override
  public int getNumPlatforms() {
    return 1;
  }

  @Override
  public TornadoVMBackendType getBackendType() {
    return TornadoVMBackendType.JAVA;
  }

  private static void only(String what, int index) {
    if (index != 0) {
      throw new TornadoDeviceNotFound(
          "emulator: " + what + " " + index + " was asked for, there is only " + what + " 0");
    }
  }
}
