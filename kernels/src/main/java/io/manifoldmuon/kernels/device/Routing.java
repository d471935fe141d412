package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Choosing experts and sorting slots by expert, stably and without atomics: a histogram for each
 * piece of the slots, an exclusive scan over (expert, piece), and the slots of each piece written
 * from there on. The same three kernels sort token ids for the gradient of an embedding.
 */
public final class Routing {
  private static final int GROUP = Reductions.GROUP;
  private static final float LOWEST = -3.4028235e38f;

  private Routing() {}

  /**
   * The columns of the k largest scores, ties to the lower one: a column stands where as many
   * others go before it. One work-item a score. A NaN counts as the lowest score, so that each
   * place is filled; another kernel reports it.
   */
  public static void topKF32(
      KernelContext c,
      FloatArray scores,
      int so,
      IntArray index,
      int io,
      int size,
      int columns,
      int k) {
    int i = c.globalIdx;
    if (i < size) {
      int row = i / columns;
      int column = i % columns;
      float mine = number(scores.get(so + i));
      int rank = 0;
      for (int e = 0; e < columns; e++) {
        float other = number(scores.get(so + row * columns + e));
        rank += other > mine ? 1 : 0;
        rank += other == mine && e < column ? 1 : 0;
      }
      if (rank < k) {
        index.set(io + row * k + rank, column);
      }
    }
  }

  private static float number(float x) {
    return Functions.isNumber(x) == 1 ? x : LOWEST;
  }

  /** Slot s is of expert s mod experts. */
  public static void roundRobinI32(
      KernelContext c, IntArray index, int io, int slots, int experts) {
    int s = c.globalIdx;
    if (s < slots) {
      index.set(io + s, s % experts);
    }
  }

  /** histogram[e·pieces + p] = the number of slots of piece p that are of expert e. */
  public static void histogramI32(
      KernelContext c,
      IntArray index,
      int io,
      IntArray histogram,
      int ho,
      int slots,
      int experts,
      int pieces,
      int length) {
    int i = c.globalIdx;
    if (i < experts * pieces) {
      int expert = i / pieces;
      int from = i % pieces * length;
      int to = from + length < slots ? from + length : slots;
      int count = 0;
      for (int s = from; s < to; s++) {
        count += index.get(io + s) == expert ? 1 : 0;
      }
      histogram.set(ho + i, count);
    }
  }

  /** Replaces each of n numbers by the sum of those before it, in place; one group. */
  public static void scanI32(KernelContext c, IntArray x, int xo, int n) {
    int[] sums = c.allocateIntLocalArray(GROUP);
    int local = c.localIdx;
    int length = (n + GROUP - 1) / GROUP;
    int from = local * length;
    int to = from + length < n ? from + length : n;
    int sum = 0;
    for (int i = from; i < to; i++) {
      sum += x.get(xo + i);
    }
    sums[local] = sum;
    c.localBarrier();
    int before = 0;
    for (int l = 0; l < local; l++) {
      before += sums[l];
    }
    for (int i = from; i < to; i++) {
      int count = x.get(xo + i);
      x.set(xo + i, before);
      before += count;
    }
  }

  /**
   * Writes where each slot of a piece stands, or with {@code inverse} 1 which slot stands there,
   * and the offsets of the experts.
   */
  public static void placeI32(
      KernelContext c,
      IntArray index,
      int io,
      IntArray starts,
      int so,
      IntArray place,
      int po,
      IntArray offsets,
      int oo,
      int slots,
      int experts,
      int pieces,
      int length,
      int inverse) {
    int i = c.globalIdx;
    if (i < experts * pieces) {
      int expert = i / pieces;
      int from = i % pieces * length;
      int to = from + length < slots ? from + length : slots;
      int next = starts.get(so + i);
      if (i % pieces == 0) {
        offsets.set(oo + expert, next);
      }
      for (int s = from; s < to; s++) {
        if (index.get(io + s) == expert) {
          place.set(po + (inverse == 1 ? next : s), inverse == 1 ? s : next);
          next++;
        }
      }
      if (i == 0) {
        offsets.set(oo + experts, slots);
      }
    }
  }

  /** The whole sort by one work-item, for CPU devices; {@code starts} has a counter a key. */
  public static void sortI32(
      KernelContext c,
      IntArray index,
      int io,
      IntArray starts,
      int so,
      IntArray place,
      int po,
      IntArray offsets,
      int oo,
      int slots,
      int experts,
      int inverse) {
    if (c.globalIdx == 0) {
      for (int e = 0; e < experts; e++) {
        starts.set(so + e, 0);
      }
      for (int s = 0; s < slots; s++) {
        int at = so + index.get(io + s);
        starts.set(at, starts.get(at) + 1);
      }
      int before = 0;
      for (int e = 0; e < experts; e++) {
        int count = starts.get(so + e);
        starts.set(so + e, before);
        offsets.set(oo + e, before);
        before += count;
      }
      offsets.set(oo + experts, before);
      for (int s = 0; s < slots; s++) {
        int at = so + index.get(io + s);
        int next = starts.get(at);
        place.set(po + (inverse == 1 ? next : s), inverse == 1 ? s : next);
        starts.set(at, next + 1);
      }
    }
  }

  /** yₑ = offsets[e+1] − offsets[e]. */
  public static void countsI32(
      KernelContext c, IntArray offsets, int oo, FloatArray y, int yo, int experts) {
    int e = c.globalIdx;
    if (e < experts) {
      int rows = offsets.get(oo + e + 1) - offsets.get(oo + e);
      y.set(yo + e, (float) rows);
    }
  }

  /** y[n, j] = x[n, index[n, j]]; one work-item a slot. */
  public static void takeColumnsF32(
      KernelContext c,
      FloatArray x,
      int xo,
      IntArray index,
      int io,
      FloatArray y,
      int yo,
      int slots,
      int k,
      int columns) {
    int s = c.globalIdx;
    if (s < slots) {
      y.set(yo + s, x.get(xo + s / k * columns + index.get(io + s)));
    }
  }

  /** dx[n, e] = Σⱼ dy[n, j] where index[n, j] is e; one work-item an element of dx. */
  public static void takeColumnsBackwardF32(
      KernelContext c,
      FloatArray dy,
      int dyo,
      IntArray index,
      int io,
      FloatArray dx,
      int dxo,
      int size,
      int k,
      int columns) {
    int i = c.globalIdx;
    if (i < size) {
      int first = i / columns * k;
      float sum = 0.0f;
      for (int j = 0; j < k; j++) {
        sum += index.get(io + first + j) == i % columns ? dy.get(dyo + first + j) : 0.0f;
      }
      dx.set(dxo + i, sum);
    }
  }
}
