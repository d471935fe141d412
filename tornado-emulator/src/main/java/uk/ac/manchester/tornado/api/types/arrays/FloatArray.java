package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.FloatBuffer;

/** Elements of type {@code float} outside of the heap, zero at first. */
public final class FloatArray extends TornadoNativeArray {
  private static final int BYTES = Float.BYTES;

  /** An array of {@code size} zeros. */
  public FloatArray(int size) {
    super(allocate(size, BYTES), BYTES);
  }

  private FloatArray(MemorySegment whole) {
    super(whole, BYTES);
  }

  /** A copy of {@code values}. */
  public static FloatArray fromArray(float[] values) {
    return fromSegment(MemorySegment.ofArray(values));
  }

  /** A copy of {@code values}. */
  public static FloatArray fromElements(float... values) {
    return fromArray(values);
  }

  /** A copy of the elements in {@code values}, which has no header. */
  public static FloatArray fromSegment(MemorySegment values) {
    return new FloatArray(copy(values, BYTES));
  }

  /** The array that {@code whole}, which begins with a header, already is: nothing is copied. */
  public static FloatArray fromSegmentShallow(MemorySegment whole) {
    return new FloatArray(adopt(whole, BYTES));
  }

  /** A copy of what remains in {@code values}. */
  public static FloatArray fromFloatBuffer(FloatBuffer values) {
    return fromSegment(MemorySegment.ofBuffer(values));
  }

  /** Sets all elements of {@code array} to {@code value}. */
  public static void initialize(FloatArray array, float value) {
    array.init(value);
  }

  /** The elements of {@code arrays}, one array after the other. */
  public static FloatArray concat(FloatArray... arrays) {
    return new FloatArray(join(arrays, BYTES));
  }

  /** The element at {@code index}. */
  public float get(int index) {
    return whole().get(ValueLayout.JAVA_FLOAT, whereToRead(index));
  }

  /** Sets the element at {@code index}. */
  public void set(int index, float value) {
    whole().set(ValueLayout.JAVA_FLOAT, whereToWrite(index), value);
  }

  /** Sets all elements to {@code value}. */
  public void init(float value) {
    for (int i = 0; i < getSize(); i++) {
      set(i, value);
    }
  }

  /** Sets all elements to zero. */
  public void clear() {
    init(0f);
  }

  /** A copy on the heap. */
  public float[] toHeapArray() {
    return getSegment().toArray(ValueLayout.JAVA_FLOAT);
  }

  /** A copy of {@code length} elements from {@code offset} on. */
  public FloatArray slice(int offset, int length) {
    return fromSegment(part(offset, length));
  }

  @Override
  FloatArray over(MemorySegment memory) {
    return new FloatArray(memory);
  }
}
