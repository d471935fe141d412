package uk.ac.manchester.tornado.api.types.arrays;

import io.manifoldmuon.emulator.memory.AccessMonitor;
import java.lang.foreign.MemorySegment;

/**
 * The emulator's way to hand an array in device memory to a kernel; not part of TornadoVM's API.
 */
public final class DeviceViews {
  private DeviceViews() {}

  /**
   * An array of the class and size of {@code host} over {@code memory} (header included), whose
   * every access {@code monitor} is told of.
   */
  public static TornadoNativeArray of(
      TornadoNativeArray host, MemorySegment memory, AccessMonitor monitor) {
    return host.watched(memory, monitor);
  }

  /** Adds to an element at once. */
  public static void atomicAdd(IntArray array, int index, int value) {
    array.add(index, value);
  }

  /** Adds to an element at once. */
  public static void atomicAdd(LongArray array, int index, long value) {
    array.add(index, value);
  }
}
