package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.ShapeException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A tensor's place: {@code shape.size()} consecutive elements, from {@code offset} on, of a
 * TornadoVM array. Several buffers may lie in one array; a view of a tensor is another buffer, and
 * costs nothing.
 *
 * @param array a {@link FloatArray} for reals, an {@link IntArray} for integers
 * @param offset the index of the first element
 * @param shape the tensor's shape
 */
public record Buffer(TornadoNativeArray array, int offset, Shape shape) {

  public Buffer {
    if (!(array instanceof FloatArray) && !(array instanceof IntArray)) {
      throw new IllegalArgumentException(
          "Buffer: a "
              + array.getClass().getSimpleName()
              + " given, wanted FloatArray or IntArray");
    }
    if (offset < 0 || (long) offset + shape.size() > array.getSize()) {
      throw new ShapeException(
          "Buffer: "
              + shape
              + " at offset "
              + offset
              + " given, wanted a place inside an array of "
              + array.getSize()
              + " elements");
    }
  }

  /** A whole new array of reals. */
  public static Buffer reals(Shape shape) {
    return new Buffer(new FloatArray(shape.size()), 0, shape);
  }

  /** A whole new array of integers. */
  public static Buffer integers(Shape shape) {
    return new Buffer(new IntArray(shape.size()), 0, shape);
  }

  /** Whether the elements are reals. */
  public boolean isReal() {
    return array instanceof FloatArray;
  }

  /** The array of a real tensor. */
  public FloatArray floats() {
    if (array instanceof FloatArray f) {
      return f;
    }
    throw new IllegalStateException("Buffer: " + this + " read as real, it holds integers");
  }

  /** The array of an integer tensor. */
  public IntArray ints() {
    if (array instanceof IntArray i) {
      return i;
    }
    throw new IllegalStateException("Buffer: " + this + " read as integers, it holds reals");
  }

  /** The elements from {@code from} on, counted from this buffer's first, under another shape. */
  public Buffer view(int from, Shape other) {
    return new Buffer(array, Math.addExact(offset, from), other);
  }

  /** The number of elements. */
  public int size() {
    return shape.size();
  }

  /** The bytes of its elements. */
  public long bytes() {
    return 4L * shape.size();
  }

  @Override
  public String toString() {
    return (isReal() ? "real" : "int") + shape + (offset == 0 ? "" : " at " + offset);
  }
}
