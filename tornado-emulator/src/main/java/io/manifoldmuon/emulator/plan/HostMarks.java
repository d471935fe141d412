package io.manifoldmuon.emulator.plan;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.IdentityHashMap;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * What the arrays of the host held when they were last exchanged with the device, as 64-bit hashes:
 * tells whether the host changed them since.
 */
final class HostMarks {
  private static final long SEED = 0x9E37_79B9_7F4A_7C15L;
  private static final long FACTOR = 0xD6E8_FEB8_6659_FD93L;

  private final IdentityHashMap<TornadoNativeArray, Long> marks = new IdentityHashMap<>();

  /** Host and device have the same now. */
  void set(TornadoNativeArray array) {
    marks.put(array, hash(array.getSegment()));
  }

  /** Whether the host changed the array since it was exchanged. */
  boolean changed(TornadoNativeArray array) {
    Long mark = marks.get(array);
    return mark != null && mark != hash(array.getSegment());
  }

  private static long hash(MemorySegment bytes) {
    long words = bytes.byteSize() / Long.BYTES;
    long hash = SEED + bytes.byteSize();
    for (long i = 0; i < words; i++) {
      hash = mix(hash, bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, i * Long.BYTES));
    }
    for (long i = words * Long.BYTES; i < bytes.byteSize(); i++) {
      hash = mix(hash, bytes.get(ValueLayout.JAVA_BYTE, i));
    }
    return hash;
  }

  private static long mix(long hash, long word) {
    long mixed = (hash ^ word) * FACTOR;
    return mixed ^ (mixed >>> 32);
  }
}
