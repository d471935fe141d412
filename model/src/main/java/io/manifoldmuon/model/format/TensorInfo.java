package io.manifoldmuon.model.format;

import java.util.Arrays;

/**
 * What the header of a file says of one tensor, already checked against the file.
 *
 * @param dtype the element type in the file
 * @param shape the dimensions, outermost first; none for a scalar; 0 where the tensor is empty
 * @param offset of the first byte from the start of the data, which follows the header
 * @param bytes the length of the data
 */
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out
public record TensorInfo(StoredType dtype, long[] shape, long offset, long bytes) {
  public TensorInfo {
    shape = shape.clone();
  }

  /** The dimensions, a copy. */
  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** The number of elements, Π shape; 1 for a scalar. */
  public long elements() {
    return elements(shape);
  }

  /**
   * Π shape; 1 for a scalar.
   *
   * @throws ArithmeticException if the product of the dimensions is beyond 2^63−1
   */
  static long elements(long[] shape) {
    long elements = 1;
    for (long dim : shape) {
      elements = Math.multiplyExact(elements, dim);
    }
    return elements;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof TensorInfo that
        && dtype == that.dtype
        && Arrays.equals(shape, that.shape)
        && offset == that.offset
        && bytes == that.bytes;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(new Object[] {dtype, Arrays.hashCode(shape), offset, bytes});
  }

  @Override
  public String toString() {
    return dtype + Arrays.toString(shape) + " at " + offset + ", " + bytes + " bytes";
  }
}
