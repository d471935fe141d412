package uk.ac.manchester.tornado.api.enums;

/** What a device is driven by; the emulator's device is of type {@link #JAVA}. */
public enum TornadoVMBackendType {
  /** OpenCL C. */
  OPENCL,
  /** Apple's Metal. */
  METAL,
  /** NVIDIA's CUDA. */
  CUDA,
  /** The JVM itself. */
  JAVA,
  /** No device. */
  VIRTUAL
}
