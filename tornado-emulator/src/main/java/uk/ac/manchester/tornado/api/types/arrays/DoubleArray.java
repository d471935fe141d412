package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.DoubleBuffer;

/** Elements of type {@code double} outside of the heap, zero at first. */
public final class DoubleArray extends TornadoNativeArray {
  private static final int BYTES = Double.BYTES;

  /** An array of {@code size} zeros. */
  public DoubleArray(int size) {
    super(allocate(size, BYTES), BYTES);
  }

  private DoubleArray(MemorySegment whole) {
    super(whole, BYTES);
  }

  /** A copy of {@code values}. */
  public static DoubleArray fromArray(double[] values) {
    return fromSegment(MemorySegment.ofArray(values));
  }

  /** A copy of {@code values}. */
  public static DoubleArray fromElements(double... values) {
    return fromArray(values);
  }

  /** A copy of the elements in {@code values}, which has no header. */
  public static DoubleArray fromSegment(MemorySegment values) {
    return new DoubleArray(copy(values, BYTES));
  }

  /** The array that {@code whole}, which begins with a header, already is: nothing is copied. */
  public static DoubleArray fromSegmentShallow(MemorySegment whole) {
    return new DoubleArray(adopt(whole, BYTES));
  }

  /** A copy of what remains in {@code values}. */
  public static DoubleArray fromDoubleBuffer(DoubleBuffer values) {
    return fromSegment(MemorySegment.ofBuffer(values));
  }

  /** Sets all elements of {@code array} to {@code value}. */
  public static void initialize(DoubleArray array, double value) {
    array.init(value);
  }

  /** The elements of {@code arrays}, one array after the other. */
  public static DoubleArray concat(DoubleArray... arrays) {
    return new DoubleArray(join(arrays, BYTES));
  }

  /** The element at {@code index}. */
  public double get(int index) {
    return whole().get(ValueLayout.JAVA_DOUBLE, whereToRead(index));
  }

  /** Sets the element at {@code index}. */
  public void set(int index, double value) {
    whole().set(ValueLayout.JAVA_DOUBLE, whereToWrite(index), value);
  }

  /** Sets all elements to {@code value}. */
  public void init(double value) {
    for (int i = 0; i < getSize(); i++) {
      set(i, value);
    }
  }

  /** Sets all elements to zero. */
  public void clear() {
    init(0.0);
  }

  /** A copy on the heap. */
  public double[] toHeapArray() {
    return getSegment().toArray(ValueLayout.JAVA_DOUBLE);
  }

  /** A copy of {@code length} elements from {@code offset} on. */
  public DoubleArray slice(int offset, int length) {
    return fromSegment(part(offset, length));
  }

  @Override
  DoubleArray over(MemorySegment memory) {
    return new DoubleArray(memory);
  }
}
