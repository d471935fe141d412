package uk.ac.manchester.tornado.api.enums;

/** What kind of device a device is. */
public enum TornadoDeviceType {
  /** Not known. */
  UNKNOWN,
  /** The default one. */
  DEFAULT,
  /** A CPU. */
  CPU,
  /** A GPU. */
  GPU,
  /** An FPGA. */
  FPGA,
  /** Another accelerator. */
  ACCELERATOR,
  /** A custom device. */
  CUSTOM,
  /** Any. */
  ALL
}
