package io.manifoldmuon.emulator.run;

import java.util.Arrays;

/**
 * Where the parallel loops of a kernel are. Each iteration counts as a work-item of its own; its
 * number packs the loops' variables, which is unique up to 2^15 each for two loops and 2^10 for
 * three.
 */
final class Iteration {
  private static final int MOST_LOOPS = 3;
  private static final int[] BITS = {31, 15, 10};

  private final int[] values = new int[MOST_LOOPS];
  private int loops;

  /** The number of the iteration that {@code loop} comes to with {@code value}. */
  int at(int loop, int value) {
    if (loop >= MOST_LOOPS) {
      return number();
    }
    loops = Math.max(loops, loop + 1);
    values[loop] = value;
    return number();
  }

  private int number() {
    int bits = BITS[Math.max(loops, 1) - 1];
    int number = 0;
    for (int i = 0; i < loops; i++) {
      number = (number << bits) + values[i];
    }
    return number & Integer.MAX_VALUE;
  }

  String nameOf(int number) {
    if (loops == 0) {
      return "its one work-item";
    }
    int bits = BITS[loops - 1];
    int[] each = new int[loops];
    for (int i = loops - 1, rest = number; i >= 0; i--) {
      each[i] = loops == 1 ? rest : rest & ((1 << bits) - 1);
      rest >>>= bits;
    }
    return "iteration " + Arrays.toString(each);
  }
}
