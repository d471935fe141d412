package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Arrays of one purpose, each under a name: a variable's, or whatever identifies what lies in it.
 *
 * <p>Each value has an array of its own, and does not share a large one with others: TornadoVM
 * orders the tasks of a graph by the arrays that they read and write, and does not end when a task
 * writes two places of one array. Besides, an index outside of a value is then outside of its
 * array, where the emulator sees it.
 */
final class Region {
  private final Map<Object, TornadoNativeArray> arrays = new LinkedHashMap<>();

  /** Makes an array of zeros, once for each name. */
  void reserve(Object name, DType dtype, long size) {
    arrays.computeIfAbsent(name, _ -> array(dtype, Math.toIntExact(size)));
  }

  private static TornadoNativeArray array(DType dtype, int size) {
    return switch (dtype) {
      case REAL -> new FloatArray(size);
      case INT -> new IntArray(size);
    };
  }

  /** A tensor that begins {@code offset} elements inside an array. */
  Buffer at(Object name, long offset, Shape shape) {
    return new Buffer(arrays.get(name), Math.toIntExact(offset), shape);
  }

  /** Whether the buffer lies here. */
  @SuppressWarnings("ReferenceEquality") // the same memory, not equal contents
  boolean holds(Buffer b) {
    return arrays.values().stream().anyMatch(a -> a == b.array());
  }

  /** All arrays. */
  List<TornadoNativeArray> arrays() {
    return List.copyOf(arrays.values());
  }
}
