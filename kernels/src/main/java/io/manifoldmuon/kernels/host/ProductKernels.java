package io.manifoldmuon.kernels.host;

import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;

/** The two families of kernels for matrix products. */
public enum ProductKernels {
  /** One work-item a group, sums in vector registers: for CPU devices. */
  VECTOR,
  /** Groups of work-items that share tiles in local memory: for GPUs. */
  TILED;

  /** The family that suits a device. */
  public static ProductKernels of(TornadoDevice device) {
    return device.getDeviceType() == TornadoDeviceType.CPU ? VECTOR : TILED;
  }
}
