package io.manifoldmuon.model.format;

import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/**
 * One tensor to be written; its values are asked for when its turn comes, and can be dropped after,
 * so that writing a model needs memory for one tensor and not for all.
 *
 * @param name of the tensor, unique in its file
 * @param dtype the element type in the file
 * @param shape the dimensions, outermost first; none for a scalar
 * @param values gives float32 elements in the host's byte order where {@code dtype} is F32, and the
 *     file's own little-endian bytes where it is any other
 */
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out
public record TensorSource(
    String name, StoredType dtype, long[] shape, Supplier<MemorySegment> values) {
  public TensorSource {
    shape = shape.clone();
  }

  /** A float32 tensor whose elements come as an array. */
  public static TensorSource floats(String name, long[] shape, Supplier<float[]> values) {
    return segment(name, shape, () -> MemorySegment.ofArray(values.get()));
  }

  /** A float32 tensor whose elements come as memory, on or off the heap. */
  public static TensorSource segment(String name, long[] shape, Supplier<MemorySegment> values) {
    return new TensorSource(name, StoredType.F32, shape, values);
  }

  /** A float64 tensor whose elements come as an array. */
  public static TensorSource doubles(String name, long[] shape, Supplier<double[]> values) {
    return new TensorSource(name, StoredType.F64, shape, () -> littleEndian(values.get()));
  }

  /**
   * A tensor of 16-bit floats, each the nearest to a float32, ties to even.
   *
   * @param dtype F16 or BF16
   * @throws ArithmeticException when its turn comes, if a finite value is beyond the type's range
   */
  public static TensorSource halves(
      String name, StoredType dtype, long[] shape, Supplier<float[]> values) {
    return new TensorSource(
        name, dtype, shape, () -> MemorySegment.ofArray(Floats.halves(dtype, values.get())));
  }

  private static MemorySegment littleEndian(double[] x) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[Math.multiplyExact(8, x.length)]);
    MemorySegment.copy(x, 0, bytes, Floats.FILE_F64, 0, x.length);
    return bytes;
  }

  /** The dimensions, a copy. */
  @Override
  public long[] shape() {
    return shape.clone();
  }
}
