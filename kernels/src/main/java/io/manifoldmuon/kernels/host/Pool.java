package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * One array of many small real values, each in a place of its own, under a name. The first look at
 * the array ends the reservations.
 */
final class Pool {
  private final Map<Object, Integer> places = new LinkedHashMap<>();
  private int size;
  private FloatArray array;

  /** Makes place for a value, once for each name. */
  void reserve(Object name, int elements) {
    if (array != null) {
      throw new IllegalStateException("pool: " + name + " reserved after the array was made");
    }
    if (places.putIfAbsent(name, size) == null) {
      size += elements;
    }
  }

  boolean holds(Object name) {
    return places.containsKey(name);
  }

  /** The array, of one element at least. */
  FloatArray array() {
    if (array == null) {
      array = new FloatArray(Math.max(1, size));
    }
    return array;
  }

  /** A value, or one that begins {@code offset} elements inside it. */
  Buffer at(Object name, long offset, Shape shape) {
    return new Buffer(array(), Math.toIntExact(places.get(name) + offset), shape);
  }

  /** Whether the buffer lies here. */
  @SuppressWarnings("ReferenceEquality") // the same memory, not equal contents
  boolean holds(Buffer b) {
    return b.array() == array;
  }
}
