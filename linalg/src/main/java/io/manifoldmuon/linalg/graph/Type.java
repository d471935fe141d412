package io.manifoldmuon.linalg.graph;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Shape;

/** Shape and element type of a value. */
public record Type(Shape shape, DType dtype) {

  /** A real tensor of the given dimensions. */
  public static Type real(int... dims) {
    return new Type(Shape.of(dims), DType.REAL);
  }

  /** A real tensor of the given shape. */
  public static Type real(Shape shape) {
    return new Type(shape, DType.REAL);
  }

  /** An integer tensor of the given dimensions. */
  public static Type integer(int... dims) {
    return new Type(Shape.of(dims), DType.INT);
  }

  @Override
  public String toString() {
    return (dtype == DType.REAL ? "real" : "int") + shape;
  }
}
