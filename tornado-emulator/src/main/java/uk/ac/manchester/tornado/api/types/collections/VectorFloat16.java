package uk.ac.manchester.tornado.api.types.collections;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.vectors.Float16;

/** An array of vectors of 16 values, over an array of those values. */
public final class VectorFloat16 extends NativeVectors<FloatArray, FloatBuffer> {
  /** This class. */
  public static final Class<VectorFloat16> TYPE = VectorFloat16.class;

  private static final long serialVersionUID = 1;

  private static final int WIDTH = 16;

  /** A view of {@code values}. */
  public VectorFloat16(FloatArray values) {
    super(values, WIDTH);
  }

  /** {@code length} vectors of zeros. */
  public VectorFloat16(int length) {
    this(new FloatArray(Math.multiplyExact(length, WIDTH)));
  }

  /** A copy of the vector at {@code index}. */
  public Float16 get(int index) {
    Float16 vector = new Float16();
    for (int i = 0; i < WIDTH; i++) {
      vector.set(i, values.get(index * WIDTH + i));
    }
    return vector;
  }

  /** Sets the vector at {@code index}. */
  public void set(int index, Float16 vector) {
    for (int i = 0; i < WIDTH; i++) {
      values.set(index * WIDTH + i, vector.get(i));
    }
  }

  /** Copies all vectors of {@code other}. */
  public void set(VectorFloat16 other) {
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
  public VectorFloat16 duplicate() {
    return new VectorFloat16(values.slice(0, values.getSize()));
  }

  /** The sum of all vectors. */
  public Float16 sum() {
    Float16 sum = new Float16();
    for (int i = 0; i < getLength(); i++) {
      sum = Float16.add(sum, get(i));
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
