package uk.ac.manchester.tornado.api.enums;

/** When an array is copied between host and device. */
public class DataTransferMode {
  /** Once, before the first execution. */
  public static final int FIRST_EXECUTION = 0;

  /** Before, or after, every execution. */
  public static final int EVERY_EXECUTION = 1;

  /** When the host asks for it. */
  public static final int UNDER_DEMAND = 2;

  /** An object without use, as in TornadoVM. */
  public DataTransferMode() {}
}
