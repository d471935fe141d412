package io.manifoldmuon.linalg.cpu;

import static io.manifoldmuon.linalg.cpu.Memory.LANES;
import static io.manifoldmuon.linalg.cpu.Memory.get;
import static io.manifoldmuon.linalg.cpu.Memory.load;
import static io.manifoldmuon.linalg.cpu.Memory.set;
import static io.manifoldmuon.linalg.cpu.Memory.store;

import jdk.incubator.vector.FloatVector;

/**
 * Causal attention, one (batch, head) pair a part, in blocks of query rows: a block's scores are
 * [rows, T], so that memory is linear in T. The backward pass makes the probabilities anew from the
 * saved log-sum-exp.
 *
 * @param batch B
 * @param context T
 * @param heads H
 * @param headSize d = D/H
 * @param scale what the scores are multiplied by
 */
record Attention(OpenBlas blas, int batch, int context, int heads, int headSize, float scale) {
  /** Query rows a block. */
  private static final int BLOCK = 64;

  int parts() {
    return batch * heads;
  }

  /** Floats of scratch memory that a thread needs. */
  long scratchFloats() {
    return 2L * Math.min(BLOCK, context) * context;
  }

  private int width() {
    return heads * headSize;
  }

  /** The address of (b, h)'s first query in qkv; keys follow at +D, values at +2D. */
  private long query(long qkv, int part) {
    long b = part / heads;
    long h = part % heads;
    return qkv + 4 * (b * context * 3 * width() + h * headSize);
  }

  private long output(long out, int part) {
    long b = part / heads;
    long h = part % heads;
    return out + 4 * (b * context * width() + h * headSize);
  }

  void forward(int part, long qkv, long out, long lse, long scratch) {
    int d = width();
    long q = query(qkv, part);
    long k = q + 4L * d;
    long v = q + 8L * d;
    long o = output(out, part);
    long l = lse + 4L * part * context;
    for (int from = 0; from < context; from += BLOCK) {
      int to = Math.min(context, from + BLOCK);
      int rows = to - from;
      long qb = q + 12L * from * d;
      blas.sgemm(false, true, rows, to, headSize, scale, qb, 3 * d, k, 3 * d, 0, scratch, to);
      for (int i = 0; i < rows; i++) {
        set(l, from + i, softmaxRow(scratch + 4L * i * to, from + i + 1, to));
      }
      long ob = o + 4L * from * d;
      blas.sgemm(false, false, rows, headSize, to, 1, scratch, to, v, 3 * d, 0, ob, d);
    }
  }

  /** Softmax of the first {@code valid} entries, zeros up to {@code n}; returns the log-sum-exp. */
  private static float softmaxRow(long s, int valid, int n) {
    float max = Rows.max(s, valid);
    float sum = Rows.expSum(s, max, s, valid);
    Rows.scale(s, 1 / sum, valid);
    Elementwise.fill(s, 0, valid, n);
    return max + (float) Math.log(sum);
  }

  void backward(int part, long dout, long qkv, long out, long lse, long dqkv, long scratch) {
    int d = width();
    int ld = 3 * d;
    long q = query(qkv, part);
    long k = q + 4L * d;
    long v = q + 8L * d;
    long dq = query(dqkv, part);
    long dk = dq + 4L * d;
    long dv = dq + 8L * d;
    long l = lse + 4L * part * context;
    int last = (context - 1) / BLOCK * BLOCK;
    // the last block sees every key, so it writes dk and dv, and the others add to them
    for (int from = last; from >= 0; from -= BLOCK) {
      int to = Math.min(context, from + BLOCK);
      int rows = to - from;
      float beta = from == last ? 0 : 1;
      long p = scratch;
      long ds = scratch + 4L * rows * to;
      long qb = q + 4L * from * ld;
      long dob = output(dout, part) + 4L * from * d;
      long ob = output(out, part) + 4L * from * d;
      blas.sgemm(false, true, rows, to, headSize, scale, qb, ld, k, ld, 0, p, to);
      blas.sgemm(false, true, rows, to, headSize, 1, dob, d, v, ld, 0, ds, to);
      for (int i = 0; i < rows; i++) {
        float delta = Rows.dot(dob + 4L * i * d, ob + 4L * i * d, headSize);
        long row = 4L * i * to;
        backwardRow(p + row, ds + row, get(l, from + i), delta, from + i + 1);
        Elementwise.fill(p + row, 0, from + i + 1, to);
        Elementwise.fill(ds + row, 0, from + i + 1, to);
      }
      blas.sgemm(true, false, to, headSize, rows, 1, p, to, dob, d, beta, dv, ld);
      blas.sgemm(false, false, rows, headSize, to, 1, ds, to, k, ld, 0, dq + 4L * from * ld, ld);
      blas.sgemm(true, false, to, headSize, rows, 1, ds, to, qb, ld, beta, dk, ld);
    }
  }

  /** p ← e^(p − lse), ds ← p·(ds − delta)·scale. */
  private void backwardRow(long p, long ds, float lse, float delta, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector e = Vectors.exp(load(p, i).sub(lse));
      store(p, i, e);
      store(ds, i, load(ds, i).sub(delta).mul(e).mul(scale));
    }
    for (; i < n; i++) {
      float e = (float) Math.exp(get(p, i) - lse);
      set(p, i, e);
      set(ds, i, (get(ds, i) - delta) * e * scale);
    }
  }
}
