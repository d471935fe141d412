package io.manifoldmuon.emulator.memory;

import io.manifoldmuon.emulator.Fault;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;

/**
 * The local arrays of the group that runs. Every work-item asks for them in the same order, and the
 * group gets one array for all.
 */
public final class LocalArrays {
  private static final class Entry {
    final Object array;
    final Class<?> type;
    final int size;
    final Shadow shadow;
    int group;

    Entry(Class<?> type, int size, boolean races) {
      this.type = type;
      this.size = size;
      array = Array.newInstance(type, size);
      shadow = new Shadow(races ? size : 0);
    }
  }

  private final Position at;
  private final boolean races;
  private final int limit;
  private final List<Entry> entries = new ArrayList<>();
  private int group;
  private long bytes;

  /** No arrays yet; at most {@code limit} bytes in a group. */
  public LocalArrays(Position at, boolean races, int limit) {
    this.at = at;
    this.races = races;
    this.limit = limit;
  }

  /** Another group begins, which has none of the arrays of the last. */
  public void beginGroup() {
    group++;
    bytes = 0;
  }

  /** Array {@code number} of the group, which this work-item wants of this type and size. */
  public Object get(int number, Class<?> type, int bytesEach, int size) {
    Entry entry = number < entries.size() ? entries.get(number) : null;
    boolean fits = entry != null && entry.type == type && entry.size == size;
    if (entry != null && entry.group == group && !fits) {
      throw at.fault(
          Fault.KERNEL,
          "asks for local array %d as %s[%d], of which its group already has %s[%d]"
              .formatted(number, type, size, entry.type, entry.size));
    }
    if (!fits) {
      entry = new Entry(type, size, races);
      if (number < entries.size()) {
        entries.set(number, entry);
      } else {
        entries.add(entry);
      }
    }
    if (entry.group != group) {
      begin(entry, bytesEach);
    }
    return entry.array;
  }

  private void begin(Entry entry, int bytesEach) {
    entry.group = group;
    entry.shadow.clear();
    Unwritten.fill(entry.array);
    bytes += (long) bytesEach * entry.size;
    if (bytes > limit) {
      throw at.fault(
          Fault.LIMIT,
          "asks for %d bytes of local arrays, at most %d are there".formatted(bytes, limit));
    }
  }

  /** Whether {@code array} is a local array of this group. */
  public boolean contains(Object array) {
    return find(array) != null;
  }

  private Entry find(Object array) {
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      if (entry.array.equals(array) && entry.group == group) { // arrays equal themselves only
        return entry;
      }
    }
    return null;
  }

  /** An element of a private or local array is about to be read. */
  public void read(Object array, int index, int size) {
    check(index, size);
    if (races) {
      Entry entry = find(array);
      if (entry != null) {
        refuse("reads", index, entry, entry.shadow.read(index, at, at.localPhase()));
      }
    }
  }

  /** An element of a private or local array is about to be written. */
  public void write(Object array, int index, int size) {
    check(index, size);
    if (races) {
      Entry entry = find(array);
      if (entry != null) {
        refuse("writes", index, entry, entry.shadow.write(index, at, at.localPhase()));
      }
    }
  }

  /** An element of a local array is about to be changed at once. */
  public void change(Object array, int index, int size) {
    check(index, size);
    if (races) {
      Entry entry = find(array);
      if (entry != null) {
        refuse("changes", index, entry, entry.shadow.change(index, at, at.localPhase()));
      }
    }
  }

  private void refuse(String access, int index, Entry entry, int other) {
    if (other != Shadow.NONE) {
      String name =
          "local array %d (%s[%d])".formatted(entries.indexOf(entry), entry.type, entry.size);
      throw at.race(access, index, name, other, "localBarrier");
    }
  }

  private void check(int index, int size) {
    if (index < 0 || index >= size) {
      throw at.fault(
          Fault.BOUNDS,
          "touches element %d of a private or local array, which has %d".formatted(index, size));
    }
  }
}
