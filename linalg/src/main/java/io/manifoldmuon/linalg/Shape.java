package io.manifoldmuon.linalg;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The shape of a dense row-major tensor; {@code []} is a scalar with one element.
 *
 * <p>Convention of the whole library: a weight matrix is {@code [fanOut, fanIn]}, row-major, so
 * that a layer computes {@code y = x · Wᵀ}; matrices of one shape are stacked as {@code [count, m,
 * n]}.
 */
public final class Shape {
  private static final Shape SCALAR = new Shape(new int[0]);

  private final int[] dims;
  private final int size;

  private Shape(int[] dims) {
    long size = 1;
    for (int d : dims) {
      if (d < 1) {
        throw new ShapeException(
            "Shape: dimensions " + Arrays.toString(dims) + " given, each must be at least 1");
      }
      size *= d;
      if (size > Integer.MAX_VALUE) {
        throw new ShapeException(
            "Shape: "
                + Arrays.toString(dims)
                + " has more than 2^31-1 elements, use smaller dimensions or several tensors");
      }
    }
    this.dims = dims;
    this.size = (int) size;
  }

  /** The shape with the given dimensions, outermost first; none for a scalar. */
  public static Shape of(int... dims) {
    return dims.length == 0 ? SCALAR : new Shape(dims.clone());
  }

  /** The shape {@code []} of one element. */
  public static Shape scalar() {
    return SCALAR;
  }

  /** The number of dimensions. */
  public int rank() {
    return dims.length;
  }

  /**
   * Dimension {@code axis}; negative axes count from the last: {@code dim(-1)} is the innermost.
   */
  public int dim(int axis) {
    int i = axis < 0 ? axis + dims.length : axis;
    if (i < 0 || i >= dims.length) {
      throw new ShapeException("Shape: axis " + axis + " asked of " + this + ", which lacks it");
    }
    return dims[i];
  }

  /** The number of elements. */
  public int size() {
    return size;
  }

  /** The dimensions, a copy. */
  public int[] toArray() {
    return dims.clone();
  }

  /** The first {@code n} dimensions. */
  public Shape prefix(int n) {
    return of(Arrays.copyOfRange(dims, 0, n));
  }

  /** The dimensions from index {@code from} on. */
  public Shape suffix(int from) {
    return of(Arrays.copyOfRange(dims, from, dims.length));
  }

  /** This shape followed by {@code more}. */
  public Shape append(int... more) {
    int[] d = Arrays.copyOf(dims, dims.length + more.length);
    System.arraycopy(more, 0, d, dims.length, more.length);
    return of(d);
  }

  /** Whether the dimensions of this shape begin those of {@code other}; {@code []} begins all. */
  public boolean isPrefixOf(Shape other) {
    return dims.length <= other.dims.length
        && IntStream.range(0, dims.length).allMatch(i -> dims[i] == other.dims[i]);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Shape s && Arrays.equals(dims, s.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  @Override
  public String toString() {
    return Arrays.stream(dims)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
