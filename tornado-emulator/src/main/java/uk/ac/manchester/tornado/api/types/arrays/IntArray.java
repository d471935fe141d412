package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.IntBuffer;

/** Elements of type {@code int} outside of the heap, zero at first. */
public final class IntArray extends TornadoNativeArray {
  private static final int BYTES = Integer.BYTES;

  /** An array of {@code size} zeros. */
  public IntArray(int size) {
    super(allocate(size, BYTES), BYTES);
  }

  private IntArray(MemorySegment whole) {
    super(whole, BYTES);
  }

  /** A copy of {@code values}. */
  public static IntArray fromArray(int[] values) {
    return fromSegment(MemorySegment.ofArray(values));
  }

  /** A copy of {@code values}. */
  public static IntArray fromElements(int... values) {
    return fromArray(values);
  }

  /** A copy of the elements in {@code values}, which has no header. */
  public static IntArray fromSegment(MemorySegment values) {
    return new IntArray(copy(values, BYTES));
  }

  /** The array that {@code whole}, which begins with a header, already is: nothing is copied. */
  public static IntArray fromSegmentShallow(MemorySegment whole) {
    return new IntArray(adopt(whole, BYTES));
  }

  /** A copy of what remains in {@code values}. */
  public static IntArray fromIntBuffer(IntBuffer values) {
    return fromSegment(MemorySegment.ofBuffer(values));
  }

  /** Sets all elements of {@code array} to {@code value}. */
  public static void initialize(IntArray array, int value) {
    array.init(value);
  }

  /** The elements of {@code arrays}, one array after the other. */
  public static IntArray concat(IntArray... arrays) {
    return new IntArray(join(arrays, BYTES));
  }

  /** The element at {@code index}. */
  public int get(int index) {
    return whole().get(ValueLayout.JAVA_INT, whereToRead(index));
  }

  /** Sets the element at {@code index}. */
  public void set(int index, int value) {
    whole().set(ValueLayout.JAVA_INT, whereToWrite(index), value);
  }

  /** Sets all elements to {@code value}. */
  public void init(int value) {
    for (int i = 0; i < getSize(); i++) {
      set(i, value);
    }
  }

  /** Sets all elements to zero. */
  public void clear() {
    init(0);
  }

  /** A copy on the heap. */
  public int[] toHeapArray() {
    return getSegment().toArray(ValueLayout.JAVA_INT);
  }

  /** A copy of {@code length} elements from {@code offset} on. */
  public IntArray slice(int offset, int length) {
    return fromSegment(part(offset, length));
  }

  void add(int index, int value) {
    long where = whereToChange(index);
    whole().set(ValueLayout.JAVA_INT, where, whole().get(ValueLayout.JAVA_INT, where) + value);
  }

  @Override
  IntArray over(MemorySegment memory) {
    return new IntArray(memory);
  }
}
