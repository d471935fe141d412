package uk.ac.manchester.tornado.api;

/** The hardware of a device. */
public interface TornadoTargetDevice {
  /** Its name. */
  String getDeviceName();

  /** Bytes of its memory. */
  long getDeviceGlobalMemorySize();

  /** Bytes that the local arrays of a group can have. */
  long getDeviceLocalMemorySize();

  /** Units that run groups at once. */
  int getDeviceMaxComputeUnits();

  /** Work-items that a group can have, per dimension. */
  long[] getDeviceMaxWorkItemSizes();

  /** Work-items that a group can have. */
  long[] getDeviceMaxWorkGroupSize();

  /** Work-items that a group can have. */
  int getMaxThreadsPerBlock();

  /** Its clock in MHz. */
  int getDeviceMaxClockFrequency();

  /** Bytes of a constant buffer. */
  long getDeviceMaxConstantBufferSize();

  /** Bytes that one array can have. */
  long getDeviceMaxAllocationSize();

  /** A sentence about it. */
  String getDeviceInfo();
}
