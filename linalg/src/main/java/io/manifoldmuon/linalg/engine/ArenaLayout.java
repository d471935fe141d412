package io.manifoldmuon.linalg.engine;

import java.util.Map;
import java.util.TreeMap;

/** Gives out and takes back stretches of one growing arena, in elements of four bytes. */
final class ArenaLayout {
  /** What stretches are aligned to: 16 elements are 64 bytes, a cache line. */
  private static final long ALIGN = 16;

  /** Free stretches below {@link #size}: position → length; neighbours are always joined. */
  private final TreeMap<Long, Long> gaps = new TreeMap<>();

  private long size;

  /** The most that was ever in use, with the gaps. */
  long size() {
    return size;
  }

  private static long aligned(long elements) {
    return (elements + ALIGN - 1) / ALIGN * ALIGN;
  }

  /** The start of the smallest gap that fits, or of new space at the end. */
  long take(long elements) {
    long length = aligned(elements);
    Map.Entry<Long, Long> best = null;
    for (Map.Entry<Long, Long> gap : gaps.entrySet()) {
      if (gap.getValue() >= length && (best == null || gap.getValue() < best.getValue())) {
        best = gap;
      }
    }
    if (best == null) {
      return grow(length);
    }
    long position = best.getKey();
    long rest = best.getValue() - length;
    gaps.remove(position);
    if (rest > 0) {
      gaps.put(position + length, rest);
    }
    return position;
  }

  /** Extends the arena, beginning in a gap that touches its end. */
  private long grow(long length) {
    Map.Entry<Long, Long> last = gaps.lastEntry();
    long position = size;
    if (last != null && last.getKey() + last.getValue() == size) {
      position = last.getKey();
      gaps.remove(position);
    }
    size = position + length;
    return position;
  }

  /** Gives back what {@link #take} gave. */
  void release(long position, long elements) {
    long from = position;
    long to = position + aligned(elements);
    Map.Entry<Long, Long> before = gaps.lowerEntry(position);
    if (before != null && before.getKey() + before.getValue() == position) {
      from = before.getKey();
      gaps.remove(from);
    }
    Long after = gaps.remove(to);
    gaps.put(from, (after == null ? to : to + after) - from);
  }
}
