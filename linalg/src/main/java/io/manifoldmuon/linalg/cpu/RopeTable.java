package io.manifoldmuon.linalg.cpu;

import static io.manifoldmuon.linalg.cpu.Memory.LANES;
import static io.manifoldmuon.linalg.cpu.Memory.SPECIES;
import static io.manifoldmuon.linalg.cpu.Memory.get;
import static io.manifoldmuon.linalg.cpu.Memory.load;
import static io.manifoldmuon.linalg.cpu.Memory.set;
import static io.manifoldmuon.linalg.cpu.Memory.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * The angles of the rotary embedding: for each position a row of d cosines (c₀, c₀, c₁, c₁, …)
 * followed by d signed sines (−s₀, s₀, −s₁, s₁, …), so that y = x·cos + swap(x)·sin.
 */
final class RopeTable {
  private static final VectorShuffle<Float> SWAP = VectorShuffle.fromOp(SPECIES, i -> i ^ 1);

  private RopeTable() {}

  /** Elements of the table. */
  static long size(int context, int headSize) {
    return 2L * context * headSize;
  }

  static void fill(long table, int context, int headSize, double base, boolean inverse) {
    for (int t = 0; t < context; t++) {
      long row = 2L * t * headSize;
      for (int i = 0; i < headSize; i += 2) {
        double angle = t * Math.pow(base, -(double) i / headSize) * (inverse ? -1 : 1);
        set(table, row + i, (float) Math.cos(angle));
        set(table, row + i + 1, (float) Math.cos(angle));
        set(table, row + headSize + i, (float) -Math.sin(angle));
        set(table, row + headSize + i + 1, (float) Math.sin(angle));
      }
    }
  }

  /** Turns one head of n elements; y may be x. */
  static void turn(long x, long y, long angles, int n) {
    long sines = angles + 4L * n;
    int i = 0;
    if (LANES >= 2) {
      for (; i <= n - LANES; i += LANES) {
        FloatVector v = load(x, i);
        FloatVector swapped = v.rearrange(SWAP);
        store(y, i, v.mul(load(angles, i)).add(swapped.mul(load(sines, i))));
      }
    }
    for (; i < n; i += 2) {
      float a = get(x, i);
      float b = get(x, i + 1);
      set(y, i, a * get(angles, i) + b * get(sines, i));
      set(y, i + 1, b * get(angles, i + 1) + a * get(sines, i + 1));
    }
  }
}
