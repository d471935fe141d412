package uk.ac.manchester.tornado.api.types.collections;

import java.nio.ByteOrder;
import java.nio.IntBuffer;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.vectors.Int16;

/** An array of vectors of 16 values, over an array of those values. */
public final class VectorInt16 extends NativeVectors<IntArray, IntBuffer> {
  /** This class. */
  public static final Class<VectorInt16> TYPE = VectorInt16.class;

  private static final long serialVersionUID = 1;

  private static final int WIDTH = 16;

  /** A view of {@code values}. */
  public VectorInt16(IntArray values) {
    super(values, WIDTH);
  }

  /** {@code length} vectors of zeros. */
  public VectorInt16(int length) {
    this(new IntArray(Math.multiplyExact(length, WIDTH)));
  }

  /** A copy of the vector at {@code index}. */
  public Int16 get(int index) {
    Int16 vector = new Int16();
    for (int i = 0; i < WIDTH; i++) {
      vector.set(i, values.get(index * WIDTH + i));
    }
    return vector;
  }

  /** Sets the vector at {@code index}. */
  public void set(int index, Int16 vector) {
    for (int i = 0; i < WIDTH; i++) {
      values.set(index * WIDTH + i, vector.get(i));
    }
  }

  /** Copies all vectors of {@code other}. */
  public void set(VectorInt16 other) {
    set(other.values);
  }

  /** Copies all values of {@code other}. */
  public void set(IntArray other) {
    for (int i = 0; i < values.getSize(); i++) {
      values.set(i, other.get(i));
    }
  }

  /** Sets all values. */
  public void fill(int value) {
    values.init(value);
  }

  /** A copy. */
  public VectorInt16 duplicate() {
    return new VectorInt16(values.slice(0, values.getSize()));
  }

  /** The sum of all vectors. */
  public Int16 sum() {
    Int16 sum = new Int16();
    for (int i = 0; i < getLength(); i++) {
      sum = Int16.add(sum, get(i));
    }
    return sum;
  }

  /** The array below. */
  public IntArray getArray() {
    return values;
  }

  /** Sets all values to zero. */
  public void clear() {
    values.clear();
  }

  @Override
  public void loadFromBuffer(IntBuffer buffer) {
    asBuffer().put(buffer);
  }

  @Override
  public IntBuffer asBuffer() {
    return values.getSegment().asByteBuffer().order(ByteOrder.nativeOrder()).asIntBuffer();
  }
}
