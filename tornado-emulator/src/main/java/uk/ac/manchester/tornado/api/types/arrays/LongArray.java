package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.LongBuffer;

/** Elements of type {@code long} outside of the heap, zero at first. */
public final class LongArray extends TornadoNativeArray {
  private static final int BYTES = Long.BYTES;

  /** An array of {@code size} zeros. */
  public LongArray(int size) {
    super(allocate(size, BYTES), BYTES);
  }

  private LongArray(MemorySegment whole) {
    super(whole, BYTES);
  }

  /** A copy of {@code values}. */
  public static LongArray fromArray(long[] values) {
    return fromSegment(MemorySegment.ofArray(values));
  }

  /** A copy of {@code values}. */
  public static LongArray fromElements(long... values) {
    return fromArray(values);
  }

  /** A copy of the elements in {@code values}, which has no header. */
  public static LongArray fromSegment(MemorySegment values) {
    return new LongArray(copy(values, BYTES));
  }

  /** The array that {@code whole}, which begins with a header, already is: nothing is copied. */
  public static LongArray fromSegmentShallow(MemorySegment whole) {
    return new LongArray(adopt(whole, BYTES));
  }

  /** A copy of what remains in {@code values}. */
  public static LongArray fromLongBuffer(LongBuffer values) {
    return fromSegment(MemorySegment.ofBuffer(values));
  }

  /** Sets all elements of {@code array} to {@code value}. */
  public static void initialize(LongArray array, long value) {
    array.init(value);
  }

  /** The elements of {@code arrays}, one array after the other. */
  public static LongArray concat(LongArray... arrays) {
    return new LongArray(join(arrays, BYTES));
  }

  /** The element at {@code index}. */
  public long get(int index) {
    return whole().get(ValueLayout.JAVA_LONG, whereToRead(index));
  }

  /** Sets the element at {@code index}. */
  public void set(int index, long value) {
    whole().set(ValueLayout.JAVA_LONG, whereToWrite(index), value);
  }

  /** Sets all elements to {@code value}. */
  public void init(long value) {
    for (int i = 0; i < getSize(); i++) {
      set(i, value);
    }
  }

  /** Sets all elements to zero. */
  public void clear() {
    init(0L);
  }

  /** A copy on the heap. */
  public long[] toHeapArray() {
    return getSegment().toArray(ValueLayout.JAVA_LONG);
  }

  /** A copy of {@code length} elements from {@code offset} on. */
  public LongArray slice(int offset, int length) {
    return fromSegment(part(offset, length));
  }

  void add(int index, long value) {
    long where = whereToChange(index);
    whole().set(ValueLayout.JAVA_LONG, where, whole().get(ValueLayout.JAVA_LONG, where) + value);
  }

  @Override
  LongArray over(MemorySegment memory) {
    return new LongArray(memory);
  }
}
