package uk.ac.manchester.tornado.api.types.collections;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.vectors.Float4;

/** An array of vectors of 4 values, over an array of those values. */
public final class VectorFloat4 extends NativeVectors<FloatArray, FloatBuffer> {
  /** This class. */
  public static final Class<VectorFloat4> TYPE = VectorFloat4.class;

  private static final long serialVersionUID = 1;

  private static final int WIDTH = 4;

  /** A view of {@code values}. */
  public VectorFloat4(FloatArray values) {
    super(values, WIDTH);
  }

  /** {@code length} vectors of zeros. */
  public VectorFloat4(int length) {
    this(new FloatArray(Math.multiplyExact(length, WIDTH)));
  }

  /** A copy of the vector at {@code index}. */
  public Float4 get(int index) {
    Float4 vector = new Float4();
    for (int i = 0; i < WIDTH; i++) {
      vector.set(i, values.get(index * WIDTH + i));
    }
    return vector;
  }

  /** Sets the vector at {@code index}. */
  public void set(int index, Float4 vector) {
    for (int i = 0; i < WIDTH; i++) {
      values.set(index * WIDTH + i, vector.get(i));
    }
  }

  /** Copies all vectors of {@code other}. */
  public void set(VectorFloat4 other) {
    set(other.values);
  }

  /** Copies all values of {@code other}. */
  public void set(FloatArray other) {
    for (int i = 0; i < values.getSize(); i++) {
      values.set(i, other.get(i));
    }
  }

  /** Sets all values. */
  public void fill(float value) {
    values.init(value);
  }

  /** A copy. */
  public VectorFloat4 duplicate() {
    return new VectorFloat4(values.slice(0, values.getSize()));
  }

  /** The sum of all vectors. */
  public Float4 sum() {
    Float4 sum = new Float4();
    for (int i = 0; i < getLength(); i++) {
      sum = Float4.add(sum, get(i));
    }
    return sum;
  }

  /** The array below. */
  public FloatArray getArray() {
    return values;
  }

  /** Sets all values to zero. */
  public void clear() {
    values.clear();
  }

  @Override
  public void loadFromBuffer(FloatBuffer buffer) {
    asBuffer().put(buffer);
  }

  @Override
  public FloatBuffer asBuffer() {
    return values.getSegment().asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer();
  }
}
