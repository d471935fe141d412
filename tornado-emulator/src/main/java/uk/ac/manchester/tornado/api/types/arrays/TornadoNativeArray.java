package uk.ac.manchester.tornado.api.types.arrays;

import io.manifoldmuon.emulator.memory.AccessMonitor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * An array outside of the heap: a header, then the elements.
 *
 * <p>An array that the host made is plain memory. An array that a kernel gets is a view of a
 * device's memory and has a monitor, which is told of every access and may refuse it.
 */
public abstract class TornadoNativeArray {
  /** Bytes before the first element. */
  public static final long ARRAY_HEADER = 3L * Long.BYTES;

  private final MemorySegment whole;
  private final int elementSize;
  private final int size;
  private AccessMonitor monitor = AccessMonitor.NONE;

  TornadoNativeArray(MemorySegment whole, int elementSize) {
    this.whole = whole;
    this.elementSize = elementSize;
    size = (int) ((whole.byteSize() - ARRAY_HEADER) / elementSize);
  }

  static MemorySegment allocate(int size, int elementSize) {
    if (size < 0) {
      throw new IllegalArgumentException("array: size " + size + " was given, 0 or more wanted");
    }
    MemorySegment whole =
        Arena.ofAuto().allocate(ARRAY_HEADER + (long) size * elementSize, Long.BYTES);
    return adopt(whole, elementSize);
  }

  static MemorySegment adopt(MemorySegment whole, int elementSize) {
    long bytes = whole.byteSize() - ARRAY_HEADER;
    checkBytes(bytes, elementSize);
    whole.set(ValueLayout.JAVA_INT, 0, (int) (bytes / elementSize));
    return whole;
  }

  static MemorySegment copy(MemorySegment values, int elementSize) {
    checkBytes(values.byteSize(), elementSize);
    MemorySegment whole = allocate((int) (values.byteSize() / elementSize), elementSize);
    MemorySegment.copy(values, 0, whole, ARRAY_HEADER, values.byteSize());
    return whole;
  }

  static MemorySegment join(TornadoNativeArray[] arrays, int elementSize) {
    int size = 0;
    for (TornadoNativeArray array : arrays) {
      size = Math.addExact(size, array.size);
    }
    MemorySegment whole = allocate(size, elementSize);
    long end = ARRAY_HEADER;
    for (TornadoNativeArray array : arrays) {
      MemorySegment.copy(array.whole, ARRAY_HEADER, whole, end, array.getNumBytesOfSegment());
      end += array.getNumBytesOfSegment();
    }
    return whole;
  }

  private static void checkBytes(long bytes, int elementSize) {
    if (bytes < 0 || bytes % elementSize != 0 || bytes / elementSize > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "array: " + bytes + " bytes were given, whole elements of " + elementSize + " wanted");
    }
  }

  /** The number of elements. */
  public int getSize() {
    return size;
  }

  /** The elements. */
  public MemorySegment getSegment() {
    return whole.asSlice(ARRAY_HEADER);
  }

  /** The header and the elements. */
  public MemorySegment getSegmentWithHeader() {
    return whole;
  }

  /** Bytes of header and elements. */
  public long getNumBytesOfSegmentWithHeader() {
    return whole.byteSize();
  }

  /** Bytes of the elements. */
  public long getNumBytesOfSegment() {
    return whole.byteSize() - ARRAY_HEADER;
  }

  /** Bytes of one element. */
  public int getElementSize() {
    return elementSize;
  }

  final MemorySegment whole() {
    return whole;
  }

  /** The offset of an element that is about to be read, if it may be. */
  final long whereToRead(int index) {
    monitor.read(index);
    return offset(index);
  }

  /** The offset of an element that is about to be written, if it may be. */
  final long whereToWrite(int index) {
    monitor.write(index);
    return offset(index);
  }

  /** The offset of an element that is about to be changed at once, if it may be. */
  final long whereToChange(int index) {
    monitor.change(index);
    return offset(index);
  }

  private long offset(int index) {
    return ARRAY_HEADER + (long) Objects.checkIndex(index, size) * elementSize;
  }

  final MemorySegment part(int offset, int length) {
    Objects.checkFromIndexSize(offset, length, size);
    return whole.asSlice(ARRAY_HEADER + (long) offset * elementSize, (long) length * elementSize);
  }

  /** An array of the same class over other memory. */
  abstract TornadoNativeArray over(MemorySegment memory);

  /** An array of the same class and size over {@code memory}, watched by {@code monitor}. */
  final TornadoNativeArray watched(MemorySegment memory, AccessMonitor watcher) {
    TornadoNativeArray view = over(memory);
    view.monitor = watcher;
    return view;
  }
}
