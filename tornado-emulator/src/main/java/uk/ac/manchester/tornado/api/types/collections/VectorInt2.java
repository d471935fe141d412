package uk.ac.manchester.tornado.api.types.collections;

import java.nio.ByteOrder;
import java.nio.IntBuffer;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.vectors.Int2;

/** An array of vectors of 2 values, over an array of those values. */
public final class VectorInt2 extends NativeVectors<IntArray, IntBuffer> {
  /** This class. */
  public static final Class<VectorInt2> TYPE = VectorInt2.class;

  private static final long serialVersionUID = 1;

  private static final int WIDTH = 2;

  /** A view of {@code values}. */
  public VectorInt2(IntArray values) {
    super(values, WIDTH);
  }

  /** {@code length} vectors of zeros. */
  public VectorInt2(int length) {
    this(new IntArray(Math.multiplyExact(length, WIDTH)));
  }

  /** A copy of the vector at {@code index}. */
  public Int2 get(int index) {
    Int2 vector = new Int2();
    for (int i = 0; i < WIDTH; i++) {
      vector.set(i, values.get(index * WIDTH + i));
    }
    return vector;
  }

  /** Sets the vector at {@code index}. */
  public void set(int index, Int2 vector) {
    for (int i = 0; i < WIDTH; i++) {
      values.set(index * WIDTH + i, vector.get(i));
    }
  }

  /** Copies all vectors of {@code other}. */
  public void set(VectorInt2 other) {
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
  public VectorInt2 duplicate() {
    return new VectorInt2(values.slice(0, values.getSize()));
  }

  /** The sum of all vectors. */
  public Int2 sum() {
    Int2 sum = new Int2();
    for (int i = 0; i < getLength(); i++) {
      sum = Int2.add(sum, get(i));
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
