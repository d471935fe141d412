package uk.ac.manchester.tornado.api.types.collections;

import java.lang.foreign.MemorySegment;
import java.nio.Buffer;
import uk.ac.manchester.tornado.api.types.common.PrimitiveStorage;

/** An array of short vectors. */
public interface TornadoCollectionInterface<T extends Buffer> extends PrimitiveStorage<T> {
  /** Bytes of the values. */
  long getNumBytes();

  /** Bytes of header and values. */
  long getNumBytesWithHeader();

  /** The values. */
  MemorySegment getSegment();

  /** The header and the values. */
  MemorySegment getSegmentWithHeader();
}
