package uk.ac.manchester.tornado.api.types.collections;

import java.lang.foreign.MemorySegment;
import java.nio.Buffer;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** What arrays of short vectors have in common: an array of the values, some to a vector. */
abstract sealed class NativeVectors<A extends TornadoNativeArray, B extends Buffer>
    implements TornadoCollectionInterface<B>
    permits VectorFloat4,
        VectorFloat8,
        VectorFloat16,
        VectorInt2,
        VectorInt4,
        VectorInt8,
        VectorInt16 {
  private static final long serialVersionUID = 1;

  final transient A values;
  private final int width;

  NativeVectors(A values, int width) {
    this.values = values;
    this.width = width;
  }

  /** Values in one vector. */
  public int vectorWidth() {
    return width;
  }

  /** The number of vectors. */
  public int getLength() {
    return values.getSize() / width;
  }

  @Override
  public int size() {
    return values.getSize();
  }

  @Override
  public long getNumBytes() {
    return values.getNumBytesOfSegment();
  }

  @Override
  public long getNumBytesWithHeader() {
    return values.getNumBytesOfSegmentWithHeader();
  }

  @Override
  public MemorySegment getSegment() {
    return values.getSegment();
  }

  @Override
  public MemorySegment getSegmentWithHeader() {
    return values.getSegmentWithHeader();
  }
}
