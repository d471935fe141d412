package io.manifoldmuon.linalg;

import java.util.Arrays;

/**
 * A dense row-major tensor in host memory, for passing values to and from an engine: float32,
 * float64 or int32. It wraps its array without a copy.
 */
public final class Tensor {
  private final Shape shape;
  private final Object data;

  private Tensor(Shape shape, Object data, int length) {
    if (shape.size() != length) {
      throw new ShapeException(
          "Tensor: an array of "
              + length
              + " elements given for "
              + shape
              + ", wanted "
              + shape.size());
    }
    this.shape = shape;
    this.data = data;
  }

  /** A float32 tensor over {@code data}. */
  public static Tensor of(Shape shape, float... data) {
    return new Tensor(shape, data, data.length);
  }

  /** A float64 tensor over {@code data}. */
  public static Tensor of(Shape shape, double... data) {
    return new Tensor(shape, data, data.length);
  }

  /** An int32 tensor over {@code data}. */
  public static Tensor of(Shape shape, int... data) {
    return new Tensor(shape, data, data.length);
  }

  /** A real scalar. */
  public static Tensor scalar(double value) {
    return of(Shape.scalar(), new double[] {value});
  }

  /** An integer scalar. */
  public static Tensor scalar(int value) {
    return of(Shape.scalar(), new int[] {value});
  }

  /** The shape. */
  public Shape shape() {
    return shape;
  }

  /** {@link DType#INT} for int32, else {@link DType#REAL}. */
  public DType dtype() {
    return data instanceof int[] ? DType.INT : DType.REAL;
  }

  /** The elements as float32: the wrapped array itself where it is one, else a rounded copy. */
  public float[] floats() {
    return switch (data) {
      case float[] f -> f;
      case double[] d -> {
        float[] f = new float[d.length];
        for (int i = 0; i < d.length; i++) {
          f[i] = (float) d[i];
        }
        yield f;
      }
      default -> throw wrong("real");
    };
  }

  /** The elements as float64: the wrapped array itself where it is one, else a copy. */
  public double[] doubles() {
    return switch (data) {
      case double[] d -> d;
      case float[] f -> {
        double[] d = new double[f.length];
        for (int i = 0; i < f.length; i++) {
          d[i] = f[i];
        }
        yield d;
      }
      default -> throw wrong("real");
    };
  }

  /** The elements of an int32 tensor, the wrapped array itself. */
  public int[] ints() {
    if (data instanceof int[] i) {
      return i;
    }
    throw wrong("int");
  }

  private ShapeException wrong(String wanted) {
    return new ShapeException("Tensor: " + this + " read as " + wanted + ", ask for its own type");
  }

  @Override
  public String toString() {
    String elements =
        switch (data) {
          case float[] f -> Arrays.toString(Arrays.copyOf(f, Math.min(8, f.length)));
          case double[] d -> Arrays.toString(Arrays.copyOf(d, Math.min(8, d.length)));
          case int[] i -> Arrays.toString(Arrays.copyOf(i, Math.min(8, i.length)));
          default -> throw new AssertionError();
        };
    return dtype() + " " + shape + " " + elements + (shape.size() > 8 ? " …" : "");
  }
}
