package io.manifoldmuon.emulator.memory;

import uk.ac.manchester.tornado.api.types.arrays.DeviceViews;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat4;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat8;
import uk.ac.manchester.tornado.api.types.collections.VectorInt16;
import uk.ac.manchester.tornado.api.types.collections.VectorInt2;
import uk.ac.manchester.tornado.api.types.collections.VectorInt4;
import uk.ac.manchester.tornado.api.types.collections.VectorInt8;

/**
 * An argument of a kernel that lies in device memory.
 *
 * @param array the memory
 * @param view what the kernel gets: an object of the class of the host's
 */
public record DeviceArgument(DeviceArray array, Object view) {
  /** Memory for {@code host}, or null if {@code host} is none of the classes that have any. */
  public static DeviceArgument of(Object host, boolean races) {
    TornadoNativeArray elements = elementsOf(host);
    if (elements == null) {
      return null;
    }
    DeviceArray array = new DeviceArray(elements, races);
    return new DeviceArgument(array, like(host, array.view()));
  }

  /** The same memory, for a kernel that gets it once more behind: it is not to be written here. */
  public DeviceArgument beforeAnother() {
    return new DeviceArgument(array, like(view, array.viewBeforeAnother()));
  }

  /**
   * An object like {@code host} over its own memory, whose every access is told to {@code monitor}.
   */
  public static Object watched(Object host, AccessMonitor monitor) {
    TornadoNativeArray elements = elementsOf(host);
    return like(host, DeviceViews.of(elements, elements.getSegmentWithHeader(), monitor));
  }

  /** The array that holds the elements of {@code host}, or null. */
  public static TornadoNativeArray elementsOf(Object host) {
    return switch (host) {
      case TornadoNativeArray a -> a;
      case VectorFloat4 v -> v.getArray();
      case VectorFloat8 v -> v.getArray();
      case VectorFloat16 v -> v.getArray();
      case VectorInt2 v -> v.getArray();
      case VectorInt4 v -> v.getArray();
      case VectorInt8 v -> v.getArray();
      case VectorInt16 v -> v.getArray();
      default -> null;
    };
  }

  private static Object like(Object host, TornadoNativeArray view) {
    return switch (host) {
      case VectorFloat4 v -> new VectorFloat4((FloatArray) view);
      case VectorFloat8 v -> new VectorFloat8((FloatArray) view);
      case VectorFloat16 v -> new VectorFloat16((FloatArray) view);
      case VectorInt2 v -> new VectorInt2((IntArray) view);
      case VectorInt4 v -> new VectorInt4((IntArray) view);
      case VectorInt8 v -> new VectorInt8((IntArray) view);
      case VectorInt16 v -> new VectorInt16((IntArray) view);
      default -> view;
    };
  }
}
