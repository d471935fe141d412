package io.manifoldmuon.model.inspect;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What was measured of one tensor.
 *
 * @param name of the tensor
 * @param shape its dimensions, outermost first
 * @param kind what it was taken for
 * @param notFinite how many values are NaN or infinite
 * @param norm the root of the sum of squares
 * @param maxAbs the largest magnitude
 * @param matrices for each member of a stack of matrices, in order; none for other kinds
 * @param first the first values of a vector, at most {@link #MOST_VALUES}; none for other kinds
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, copied on the way in
public record TensorFacts(
    String name,
    long[] shape,
    Kind kind,
    long notFinite,
    double norm,
    double maxAbs,
    List<MatrixFacts> matrices,
    List<Double> first) {

  /** Enough for a scalar beside each expert. */
  static final int MOST_VALUES = 4096;

  /** How a tensor is looked at. */
  public enum Kind {
    /** Two or more dimensions: the last two are a matrix, those before count a stack. */
    MATRICES("matrices"),
    /** Matrices of more elements than are decomposed. */
    TOO_LARGE("too large for singular values"),
    /** One dimension. */
    VECTOR("vector"),
    /** No dimension. */
    SCALAR("scalar"),
    /** No element. */
    EMPTY("empty"),
    /** Of a type that is not read: integers, and floating types of 8 bits and less. */
    OTHER_TYPE("of a type that is not measured");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** In words. */
    public String text() {
      return text;
    }
  }

  public TensorFacts {
    shape = shape.clone();
    matrices = List.copyOf(matrices);
    first = List.copyOf(first);
  }

  /** The dimensions, a copy. */
  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** The number of elements. */
  public long elements() {
    long elements = 1;
    for (long dim : shape) {
      elements *= dim;
    }
    return elements;
  }

  /** The largest of a measure over the matrices, NaN if one is. */
  public double largest(ToDoubleFunction<MatrixFacts> measure) {
    return matrices.stream().mapToDouble(measure).reduce(Math::max).orElse(Double.NaN);
  }

  /** The smallest of a measure over the matrices, NaN if one is. */
  public double smallest(ToDoubleFunction<MatrixFacts> measure) {
    return matrices.stream().mapToDouble(measure).reduce(Math::min).orElse(Double.NaN);
  }
}
