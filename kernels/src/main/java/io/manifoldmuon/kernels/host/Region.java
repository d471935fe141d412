package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Shape;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Places of one purpose. Packed, they lie side by side in one array a type: TornadoVM then has few
 * objects to hand from graph to graph. Apart, each has an array of its own: an index outside of it
 * is then outside of the array, and a checking device sees it.
 */
final class Region {
  /** Places begin at multiples of 16 elements, 64 bytes: a cache line. */
  private static final int ALIGN = 16;

  private record Key(DType dtype, Object name) {}

  private record Place(long offset, int size) {}

  private final boolean packed;
  private final Map<Key, Place> places = new LinkedHashMap<>();
  private final Map<DType, Long> sizes = new EnumMap<>(DType.class);
  private final Map<Key, TornadoNativeArray> apart = new LinkedHashMap<>();
  private final Map<DType, TornadoNativeArray> whole = new EnumMap<>(DType.class);

  Region(boolean packed) {
    this.packed = packed;
  }

  /** Asks for a place, once for each name. */
  void reserve(Object name, DType dtype, long size) {
    Key key = new Key(dtype, name);
    if (!places.containsKey(key)) {
      long at = sizes.getOrDefault(dtype, 0L);
      places.put(key, new Place(at, Math.toIntExact(size)));
      sizes.put(dtype, at + (size + ALIGN - 1) / ALIGN * ALIGN);
    }
  }

  /** Makes the arrays, filled with zeros. */
  void allocate() {
    if (packed) {
      sizes.forEach((dtype, size) -> whole.put(dtype, array(dtype, size)));
    } else {
      places.forEach((key, p) -> apart.put(key, array(key.dtype, p.size)));
    }
  }

  private static TornadoNativeArray array(DType dtype, long size) {
    int n = Math.toIntExact(Math.max(1, size));
    return dtype == DType.REAL ? new FloatArray(n) : new IntArray(n);
  }

  /** A tensor that begins {@code offset} elements inside a place. */
  Buffer at(Object name, DType dtype, long offset, Shape shape) {
    Key key = new Key(dtype, name);
    return packed
        ? new Buffer(
            whole.get(dtype), Math.toIntExact(places.get(key).offset + offset), shape)
        : new Buffer(apart.get(key), Math.toIntExact(offset), shape);
  }

  /** All arrays. */
  List<TornadoNativeArray> arrays() {
    List<TornadoNativeArray> all = new ArrayList<>(whole.values());
    all.addAll(apart.values());
    return all;
  }

  long bytes() {
    return arrays().stream().mapToLong(a -> 4L * a.getSize()).sum();
  }
}
