package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** Elements of type {@code byte} outside of the heap, zero at first. */
public final class ByteArray extends TornadoNativeArray {
  private static final int BYTES = Byte.BYTES;

  /** An array of {@code size} zeros. */
  public ByteArray(int size) {
    super(allocate(size, BYTES), BYTES);
  }

  private ByteArray(MemorySegment whole) {
    super(whole, BYTES);
  }

  /** A copy of {@code values}. */
  public static ByteArray fromArray(byte[] values) {
    return fromSegment(MemorySegment.ofArray(values));
  }

  /** A copy of {@code values}. */
  public static ByteArray fromElements(byte... values) {
    return fromArray(values);
  }

  /** A copy of the elements in {@code values}, which has no header. */
  public static ByteArray fromSegment(MemorySegment values) {
    return new ByteArray(copy(values, BYTES));
  }

  /** The array that {@code whole}, which begins with a header, already is: nothing is copied. */
  public static ByteArray fromSegmentShallow(MemorySegment whole) {
    return new ByteArray(adopt(whole, BYTES));
  }

  /** A copy of what remains in {@code values}. */
  public static ByteArray fromByteBuffer(ByteBuffer values) {
    return fromSegment(MemorySegment.ofBuffer(values));
  }

  /** Sets all elements of {@code array} to {@code value}. */
  public static void initialize(ByteArray array, byte value) {
    array.init(value);
  }

  /** The elements of {@code arrays}, one array after the other. */
  public static ByteArray concat(ByteArray... arrays) {
    return new ByteArray(join(arrays, BYTES));
  }

  /** The element at {@code index}. */
  public byte get(int index) {
    return whole().get(ValueLayout.JAVA_BYTE, whereToRead(index));
  }

  /** Sets the element at {@code index}. */
  public void set(int index, byte value) {
    whole().set(ValueLayout.JAVA_BYTE, whereToWrite(index), value);
  }

  /** Sets all elements to {@code value}. */
  public void init(byte value) {
    for (int i = 0; i < getSize(); i++) {
      set(i, value);
    }
  }

  /** Sets all elements to zero. */
  public void clear() {
    init((byte) 0);
  }

  /** A copy on the heap. */
  public byte[] toHeapArray() {
    return getSegment().toArray(ValueLayout.JAVA_BYTE);
  }

  /** A copy of {@code length} elements from {@code offset} on. */
  public ByteArray slice(int offset, int length) {
    return fromSegment(part(offset, length));
  }

  @Override
  ByteArray over(MemorySegment memory) {
    return new ByteArray(memory);
  }
}
