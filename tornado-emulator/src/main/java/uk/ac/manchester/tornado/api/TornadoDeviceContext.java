package uk.ac.manchester.tornado.api;

/** Where a device stands among the devices. */
public interface TornadoDeviceContext {
  /** Its hardware. */
  TornadoTargetDevice getDevice();

  /** Whether it computes in float64. */
  boolean isFP64Supported();

  /** Its number in its backend. */
  int getDeviceIndex();

  /** The number of its platform. */
  int getDevicePlatform();

  /** Its name. */
  String getDeviceName();

  /** The number of its backend. */
  int getDriverIndex();
}
