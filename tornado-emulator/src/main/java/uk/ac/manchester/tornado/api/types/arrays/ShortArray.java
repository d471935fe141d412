package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ShortBuffer;

/** Elements of type {@code short} outside of the heap, zero at first. */
public final class ShortArray extends TornadoNativeArray {
  private static final int BYTES = Short.BYTES;

  /** An array of {@code size} zeros. */
  public ShortArray(int size) {
    super(allocate(size, BYTES), BYTES);
  }

  private ShortArray(MemorySegment whole) {
    super(whole, BYTES);
  }

  /** A copy of {@code values}. */
  public static ShortArray fromArray(short[] values) {
    return fromSegment(MemorySegment.ofArray(values));
  }

  /** A copy of {@code values}. */
  public static ShortArray fromElements(short... values) {
    return fromArray(values);
  }

  /** A copy of the elements in {@code values}, which has no header. */
  public static ShortArray fromSegment(MemorySegment values) {
    return new ShortArray(copy(values, BYTES));
  }

  /** The array that {@code whole}, which begins with a header, already is: nothing is copied. */
  public static ShortArray fromSegmentShallow(MemorySegment whole) {
    return new ShortArray(adopt(whole, BYTES));
  }

  /** A copy of what remains in {@code values}. */
  public static ShortArray fromShortBuffer(ShortBuffer values) {
    return fromSegment(MemorySegment.ofBuffer(values));
  }

  /** Sets all elements of {@code array} to {@code value}. */
  public static void initialize(ShortArray array, short value) {
    array.init(value);
  }

  /** The elements of {@code arrays}, one array after the other. */
  public static ShortArray concat(ShortArray... arrays) {
    return new ShortArray(join(arrays, BYTES));
  }

  /** The element at {@code index}. */
  public short get(int index) {
    return whole().get(ValueLayout.JAVA_SHORT, whereToRead(index));
  }

  /** Sets the element at {@code index}. */
  public void set(int index, short value) {
    whole().set(ValueLayout.JAVA_SHORT, whereToWrite(index), value);
  }

  /** Sets all elements to {@code value}. */
  public void init(short value) {
    for (int i = 0; i < getSize(); i++) {
      set(i, value);
    }
  }

  /** Sets all elements to zero. */
  public void clear() {
    init((short) 0);
  }

  /** A copy on the heap. */
  public short[] toHeapArray() {
    return getSegment().toArray(ValueLayout.JAVA_SHORT);
  }

  /** A copy of {@code length} elements from {@code offset} on. */
  public ShortArray slice(int offset, int length) {
    return fromSegment(part(offset, length));
  }

  @Override
  ShortArray over(MemorySegment memory) {
    return new ShortArray(memory);
  }
}
