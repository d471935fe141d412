package io.manifoldmuon.emulator.memory;

import java.util.Arrays;

/**
 * Who read, wrote and changed each element of an array in this launch, as far as races need it.
 *
 * <p>Two accesses of different work-items race unless both read, both change the element
 * atomically, or both work-items are of one group that passed a barrier between them. Per element
 * that needs the last write, one reader and one that changed it; of more readers, or more that
 * changed it, it is enough to know that there were any.
 *
 * <p>A word holds the work-item + 1 in its high half; in its low half the number of barriers that
 * its group had passed (the phase), and marks.
 */
final class Shadow {
  /** No work-item. */
  static final int NONE = -1;

  /** Another work-item of the group, of which more is not known. */
  static final int ANOTHER = -2;

  private static final int PAGE_BITS = 10;
  private static final int PAGE = 1 << PAGE_BITS;

  /** More than one work-item in this phase. */
  private static final long MANY = 1L << 31;

  /** Work-items of other groups too. */
  private static final long OTHER_GROUPS = 1L << 30;

  private static final int PHASE = (1 << 30) - 1;

  /**
   * Where in a page the words of readers and of atomic changes begin; those of writers are first.
   */
  private static final int READERS = PAGE;

  private static final int CHANGES = 2 * PAGE;

  /** Pages without atomic changes, which are most, have no words for them. */
  private final long[][] pages;

  /** The launch that a page was last used in: what is older counts as empty. */
  private final int[] lastUse;

  private int launch = 1;

  Shadow(int size) {
    int count = (size + PAGE - 1) >>> PAGE_BITS;
    pages = new long[count][];
    lastUse = new int[count];
  }

  /** Forgets all accesses. */
  void clear() {
    launch++;
  }

  /** Notes a read; gives the work-item whose write it races with, or NONE. */
  int read(int index, Position at, int phase) {
    long[] page = page(index, CHANGES);
    int slot = index & (PAGE - 1);
    int rival = rival(page[slot], at, phase);
    if (rival == NONE && page.length > CHANGES) {
      rival = rival(page[CHANGES + slot], at, phase);
    }
    if (rival == NONE) {
      page[READERS + slot] = joined(page[READERS + slot], at, phase);
    }
    return rival;
  }

  /** Notes a write; gives the work-item whose read or write it races with, or NONE. */
  int write(int index, Position at, int phase) {
    long[] page = page(index, CHANGES);
    int slot = index & (PAGE - 1);
    int rival = rival(page[READERS + slot], at, phase);
    if (rival == NONE) {
      rival = rival(page[slot], at, phase);
    }
    if (rival == NONE && page.length > CHANGES) {
      rival = rival(page[CHANGES + slot], at, phase);
    }
    if (rival == NONE) {
      page[slot] = word(at.item(), phase);
    }
    return rival;
  }

  /** Notes an atomic change, which races with all but atomic changes; gives with whose, or NONE. */
  int change(int index, Position at, int phase) {
    long[] page = page(index, CHANGES + PAGE);
    int slot = index & (PAGE - 1);
    int rival = rival(page[READERS + slot], at, phase);
    if (rival == NONE) {
      rival = rival(page[slot], at, phase);
    }
    if (rival == NONE) {
      page[CHANGES + slot] = joined(page[CHANGES + slot], at, phase);
    }
    return rival;
  }

  /** Accesses that do not race with each other, and one more. */
  private static long joined(long word, Position at, int phase) {
    if (word == 0) {
      return word(at.item(), phase);
    }
    if (!at.sameGroup(who(word))) {
      return word | OTHER_GROUPS;
    }
    if ((word & PHASE) != phase) {
      return word(at.item(), phase) | (word & OTHER_GROUPS);
    }
    return who(word) == at.item() ? word : word | MANY;
  }

  /** A work-item whose access among those of {@code word} is not ordered before one now. */
  private static int rival(long word, Position at, int phase) {
    if (word == 0) {
      return NONE;
    }
    int other = who(word);
    if ((word & OTHER_GROUPS) != 0 || !at.sameGroup(other)) {
      return other;
    }
    if ((word & PHASE) != phase) {
      return NONE;
    }
    if (other != at.item()) {
      return other;
    }
    return (word & MANY) != 0 ? ANOTHER : NONE;
  }

  private static long word(int item, int phase) {
    return (item + 1L) << 32 | (phase & PHASE);
  }

  private static int who(long word) {
    return (int) (word >>> 32) - 1;
  }

  /** The page of {@code index}, with {@code size} words at least. */
  private long[] page(int index, int size) {
    int number = index >>> PAGE_BITS;
    long[] page = pages[number];
    if (page == null) {
      page = new long[size];
      pages[number] = page;
    } else if (lastUse[number] != launch) {
      Arrays.fill(page, 0);
    }
    if (page.length < size) {
      page = Arrays.copyOf(page, size);
      pages[number] = page;
    }
    lastUse[number] = launch;
    return page;
  }
}
