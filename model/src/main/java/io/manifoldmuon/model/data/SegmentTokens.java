package io.manifoldmuon.model.data;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/** Tokens of fixed width, little-endian, in one piece of memory: on the heap or a mapped file. */
final class SegmentTokens implements Tokens {
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** The bytes of one token. */
  enum Width {
    U8(1),
    U16(2),
    U32(4);

    private final int bytes;

    Width(int bytes) {
      this.bytes = bytes;
    }

    int bytes() {
      return bytes;
    }

    /** The smallest width that holds every id below {@code vocabSize}. */
    static Width of(int vocabSize) {
      return vocabSize <= 1 << 8 ? U8 : vocabSize <= 1 << 16 ? U16 : U32;
    }
  }

  private final String name;
  private final MemorySegment segment;
  private final Width width;
  private final long size;

  SegmentTokens(String name, MemorySegment segment, Width width) {
    this.name = name;
    this.segment = segment;
    this.width = width;
    this.size = segment.byteSize() / width.bytes();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int get(long index) {
    Objects.checkIndex(index, size);
    return switch (width) {
      case U8 -> segment.get(ValueLayout.JAVA_BYTE, index) & 0xFF;
      case U16 -> segment.get(U16, 2 * index) & 0xFFFF;
      case U32 -> segment.get(U32, 4 * index);
    };
  }

  @Override
  public void copy(long from, int[] destination, int offset, int count) {
    Objects.checkFromIndexSize(from, count, size);
    Objects.checkFromIndexSize(offset, count, destination.length);
    switch (width) {
      case U8 -> {
        for (int i = 0; i < count; i++) {
          destination[offset + i] = segment.get(ValueLayout.JAVA_BYTE, from + i) & 0xFF;
        }
      }
      case U16 -> {
        for (int i = 0; i < count; i++) {
          destination[offset + i] = segment.get(U16, 2 * (from + i)) & 0xFFFF;
        }
      }
      case U32 -> MemorySegment.copy(segment, U32, 4 * from, destination, offset, count);
    }
  }

  /** Writes {@code tokens[offset .. offset + count)} at token position {@code to}. */
  static void put(
      MemorySegment segment, Width width, long to, int[] tokens, int offset, int count) {
    switch (width) {
      case U8 -> {
        for (int i = 0; i < count; i++) {
          segment.set(ValueLayout.JAVA_BYTE, to + i, (byte) tokens[offset + i]);
        }
      }
      case U16 -> {
        for (int i = 0; i < count; i++) {
          segment.set(U16, 2 * (to + i), (short) tokens[offset + i]);
        }
      }
      case U32 -> MemorySegment.copy(tokens, offset, segment, U32, 4 * to, count);
    }
  }
}
