package uk.ac.manchester.tornado.api.common;

import uk.ac.manchester.tornado.api.TornadoDeviceContext;
import uk.ac.manchester.tornado.api.TornadoTargetDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/** A device that runs kernels. */
public interface TornadoDevice {
  /** A short name. */
  String getDeviceName();

  /** A sentence about it. */
  String getDescription();

  /** Who drives it. */
  String getPlatformName();

  /** Where it stands among the devices. */
  TornadoDeviceContext getDeviceContext();

  /** Its hardware. */
  TornadoTargetDevice getPhysicalDevice();

  /** What kind of device it is. */
  TornadoDeviceType getDeviceType();

  /** Bytes that one array can have. */
  long getMaxAllocMemory();

  /** Bytes that all arrays can have. */
  long getMaxGlobalMemory();

  /** Bytes that the local arrays of a group can have. */
  long getDeviceLocalMemorySize();

  /** Work-items that a group can have, per dimension. */
  long[] getDeviceMaxWorkgroupDimensions();

  /** The version of its OpenCL C, if it has one. */
  String getDeviceOpenCLCVersion();

  /** The number of its backend. */
  int getBackendIndex();

  /** What its backend is. */
  TornadoVMBackendType getTornadoVMBackend();
}
