package io.manifoldmuon.emulator.device;

import uk.ac.manchester.tornado.api.TornadoDeviceContext;
import uk.ac.manchester.tornado.api.TornadoTargetDevice;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/**
 * The emulated device, with limits that every device we know has at least: what fits here fits
 * there.
 */
public enum EmulatedDevice implements TornadoDevice, TornadoDeviceContext, TornadoTargetDevice {
  /** The only one. */
  INSTANCE;

  /** Work-items that a group can have, in all. */
  public static final int GROUP_SIZE = 1024;

  /** Bytes that the local arrays of a group can have. */
  public static final int LOCAL_BYTES = 48 * 1024;

  private static final int LAST_DIMENSION = 64;

  @Override
  public String getDeviceName() {
    return "emulator";
  }

  @Override
  public String getDescription() {
    return "the JVM, which runs kernels strictly checked";
  }

  @Override
  public String getPlatformName() {
    return "Java";
  }

  @Override
  public TornadoDeviceContext getDeviceContext() {
    return this;
  }

  @Override
  public TornadoTargetDevice getPhysicalDevice() {
    return this;
  }

  @Override
  public TornadoTargetDevice getDevice() {
    return this;
  }

  @Override
  public TornadoDeviceType getDeviceType() {
    return TornadoDeviceType.CPU;
  }

  @Override
  public long getMaxAllocMemory() {
    return Integer.MAX_VALUE;
  }

  @Override
  public long getMaxGlobalMemory() {
    return Runtime.getRuntime().maxMemory();
  }

  @Override
  public long getDeviceLocalMemorySize() {
    return LOCAL_BYTES;
  }

  @Override
  public long[] getDeviceMaxWorkgroupDimensions() {
    return new long[] {GROUP_SIZE, GROUP_SIZE, LAST_DIMENSION};
  }

  @Override
  public String getDeviceOpenCLCVersion() {
    return "none";
  }

  @Override
  public int getBackendIndex() {
    return 0;
  }

  @Override
  public TornadoVMBackendType getTornadoVMBackend() {
    return TornadoVMBackendType.JAVA;
  }

  @Override
  public boolean isFP64Supported() {
    return true;
  }

  @Override
  public int getDeviceIndex() {
    return 0;
  }

  @Override
  public int getDevicePlatform() {
    return 0;
  }

  @Override
  public int getDriverIndex() {
    return 0;
  }

  @Override
  public long getDeviceGlobalMemorySize() {
    return getMaxGlobalMemory();
  }

  @Override
  public int getDeviceMaxComputeUnits() {
    return 1;
  }

  @Override
  public long[] getDeviceMaxWorkItemSizes() {
    return getDeviceMaxWorkgroupDimensions();
  }

  @Override
  public long[] getDeviceMaxWorkGroupSize() {
    return new long[] {GROUP_SIZE};
  }

  @Override
  public int getMaxThreadsPerBlock() {
    return GROUP_SIZE;
  }

  @Override
  public int getDeviceMaxClockFrequency() {
    return 0;
  }

  @Override
  public long getDeviceMaxConstantBufferSize() {
    return LOCAL_BYTES;
  }

  @Override
  public long getDeviceMaxAllocationSize() {
    return getMaxAllocMemory();
  }

  @Override
  public String getDeviceInfo() {
    return getDescription();
  }
}
