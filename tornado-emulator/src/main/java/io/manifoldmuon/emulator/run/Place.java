package io.manifoldmuon.emulator.run;

import java.util.Arrays;

/**
 * The barrier that a work-item is at: which instruction, by which calls, and in which iterations of
 * the loops around them. A kernel cannot recurse, so that each loop is in one iteration.
 */
final class Place {
  private static final int[] EMPTY = {};

  /** Calls and then the barrier as −1 − number, each with the iterations of the loops around it. */
  private int[] trail = EMPTY;

  private int size;

  /** Per loop its iteration, from 0. */
  private int[] iterations = EMPTY;

  /** The loop that the work-item is about to repeat, if not negative. */
  private int repeated;

  private int line;

  /** A work-item begins. */
  void begin() {
    size = 0;
    repeated = -1;
  }

  /** Comes to a call or barrier. */
  void comeTo(int site) {
    push(-1 - site);
  }

  /** {@code loop} is around that call or barrier. */
  void within(int loop) {
    push(iterations[loop]);
  }

  private void push(int entry) {
    if (size == trail.length) {
      trail = Arrays.copyOf(trail, size + 8);
    }
    trail[size++] = entry;
  }

  /** Returns from what {@code entries} entries tell of. */
  void leave(int entries) {
    size -= entries;
  }

  /** Is about to jump to the head of {@code loop}; of none if that is negative. */
  void repeat(int loop) {
    repeated = loop;
  }

  /** Is at the head of {@code loop}. */
  void atHead(int loop) {
    if (loop >= iterations.length) {
      iterations = Arrays.copyOf(iterations, loop + 8);
    }
    iterations[loop] = repeated == loop ? iterations[loop] + 1 : 0;
    repeated = -1;
  }

  /** The barrier stands in line {@code number}. */
  void atLine(int number) {
    line = number;
  }

  int line() {
    return line;
  }

  /** Where messages say that a work-item waits which is at {@code other}; null if it is here. */
  String differenceTo(Place other) {
    int at = Arrays.mismatch(trail, 0, size, other.trail, 0, other.size);
    if (at < 0) {
      return null;
    }
    if (other.line != line) {
      return "waits at that of line " + other.line;
    }
    if (trail[at] >= 0) {
      return "waits there in iteration %d of a loop, not %d".formatted(other.trail[at], trail[at]);
    }
    return "came there by another call or branch";
  }
}
