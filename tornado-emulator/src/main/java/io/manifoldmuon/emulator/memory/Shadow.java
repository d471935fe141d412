package io.manifoldmuon.emulator.memory;

import java.util.Arrays;

/**
 * Who read and wrote each element of an array in this launch, as far as races need it.
 *
 * <p>Two accesses of different work-items, of which one is a write, race unless both work-items are
 * of one group and the group passed a barrier between them. Per element that needs the last write
 * and one reader; of more readers it is enough to know that there were any.
 *
 * <p>A word holds the work-item + 1 in its high half; in its low half the number of barriers that
 * its group had passed (the phase), and marks.
 */
final class Shadow {
  private static final int PAGE_BITS = 10;
  private static final int PAGE = 1 << PAGE_BITS;

  /** More than one work-item in this phase. */
  private static final long MANY = 1L << 31;

  /** Work-items of other groups too. */
  private static final long OTHER_GROUPS = 1L << 30;

  /** An atomic change. */
  private static final long ATOMIC = 1L << 29;

  private static final long MARKS = MANY | OTHER_GROUPS;
  private static final int PHASE = (1 << 29) - 1;

  /** Per page the writers, then the readers. */
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

  /** Notes a read; gives the work-item whose write it races with, or -1. */
  int read(int index, Position at, int phase) {
    long[] page = page(index);
    int slot = index & (PAGE - 1);
    long write = page[slot];
    if (conflicts(write, at, phase)) {
      return who(write);
    }
    long read = page[PAGE + slot];
    long mine = word(at.item(), phase);
    if (read == 0) {
      page[PAGE + slot] = mine;
    } else if (!at.sameGroup(who(read))) {
      page[PAGE + slot] = read | OTHER_GROUPS;
    } else if ((read & PHASE) != phase) {
      page[PAGE + slot] = mine | (read & OTHER_GROUPS);
    } else if (who(read) != at.item()) {
      page[PAGE + slot] = read | MANY;
    }
    return -1;
  }

  /** Notes a write; gives the work-item whose read or write it races with, or -1. */
  int write(int index, Position at, int phase) {
    long[] page = page(index);
    int slot = index & (PAGE - 1);
    long read = page[PAGE + slot];
    if (conflicts(read, at, phase)) {
      return who(read);
    }
    long write = page[slot];
    if (conflicts(write, at, phase)) {
      return who(write);
    }
    page[slot] = word(at.item(), phase);
    return -1;
  }

  /** Notes an atomic change, which races with all but atomic changes; gives with whose, or -1. */
  int change(int index, Position at, int phase) {
    long[] page = page(index);
    int slot = index & (PAGE - 1);
    long read = page[PAGE + slot];
    if (conflicts(read, at, phase)) {
      return who(read);
    }
    long write = page[slot];
    long now = word(at.item(), phase) | ATOMIC;
    if ((write & ATOMIC) != 0) {
      now |= write & MARKS;
      if (!at.sameGroup(who(write))) {
        now |= OTHER_GROUPS;
      } else if (who(write) != at.item()) {
        now |= MANY;
      }
    } else if (conflicts(write, at, phase)) {
      return who(write);
    }
    page[slot] = now;
    return -1;
  }

  private static boolean conflicts(long word, Position at, int phase) {
    if (word == 0) {
      return false;
    }
    int other = who(word);
    if ((word & OTHER_GROUPS) != 0 || !at.sameGroup(other)) {
      return true;
    }
    return ((word & MANY) != 0 || other != at.item()) && (word & PHASE) == phase;
  }

  private static long word(int item, int phase) {
    return (item + 1L) << 32 | (phase & PHASE);
  }

  private static int who(long word) {
    return (int) (word >>> 32) - 1;
  }

  private long[] page(int index) {
    int number = index >>> PAGE_BITS;
    long[] page = pages[number];
    if (page == null) {
      page = new long[2 * PAGE];
      pages[number] = page;
    } else if (lastUse[number] != launch) {
      Arrays.fill(page, 0);
    }
    lastUse[number] = launch;
    return page;
  }
}
