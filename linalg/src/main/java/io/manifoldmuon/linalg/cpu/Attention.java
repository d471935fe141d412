package io.manifoldmuon.linalg.cpu;

import static io.manifoldmuon.linalg.cpu.Memory.LANES;
import static io.manifoldmuon.linalg.cpu.Memory.get;
import static io.manifoldmuon.linalg.cpu.Memory.load;
import static io.manifoldmuon.linalg.cpu.Memory.set;
import static io.manifoldmuon.linalg.cpu.Memory.store;

/**
 * Causal attention, one (batch, head) pair a part, in blocks of query rows: a block's scores are
 * [rows, keys], so that memory is linear in T. The backward pass makes the probabilities anew from
 * the saved log-sum-exp.
 *
 * <p>A block goes through stages, which are called through one interface: the JVM then compiles
 * each by itself. Inlined into one method they would exceed its limits, and every vector would
 * become an object.
 */
final class Attention {
  /** Query rows a block. */
  private static final int BLOCK = 64;

  private final OpenBlas blas;
  private final int batch;
  private final int context;
  private final int heads;
  private final int headSize;
  private final float scale;
  private final Stage[] forward = {this::scores, Attention::softmax, this::output};
  private final Stage[] backward = {
    this::scores, this::outputGradients, Attention::scoreGradients, this::inputGradients
  };
  private final Block[] blocks;

  private interface Stage {
    void run(Block b);
  }

  /** What the stages of one thread share; addresses of elements, heads side by side in a row. */
  private static final class Block {
    /** The first query row, the row after the last, their number; keys are [0, to). */
    int from;

    int to;
    int rows;

    /** Queries of the block; keys and values of all positions; rows are 3D apart. */
    long q;

    long k;
    long v;

    /** Gradients in the same places. */
    long dq;

    long dk;
    long dv;

    /** 0 where dk and dv are written, 1 where they are added to. */
    float beta;

    /** Outputs of the block and their gradients; rows are D apart. */
    long out;

    long dout;

    /** Log-sum-exp of the block's rows. */
    long lse;

    /** Scores, then probabilities [rows, to]; their gradients [rows, to]. */
    long p;

    long dp;
  }

  /**
   * The attention of one shape.
   *
   * @param batch B
   * @param context T
   * @param heads H
   * @param headSize D/H
   * @param scale what the scores are multiplied by
   */
  Attention(Context c, int batch, int context, int heads, int headSize, float scale) {
    this.blas = c.blas;
    this.batch = batch;
    this.context = context;
    this.heads = heads;
    this.headSize = headSize;
    this.scale = scale;
    this.blocks = new Block[c.team.threads()];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = new Block();
    }
    c.needScratch(scratchFloats() * blocks.length);
  }

  int parts() {
    return batch * heads;
  }

  /** Floats of scratch memory that a thread needs. */
  private long scratchFloats() {
    return 2L * Math.min(BLOCK, context) * context;
  }

  private int width() {
    return heads * headSize;
  }

  // ---- the passes over the blocks of one part -----------------------------------------------

  void forward(int part, int thread, long qkv, long out, long lse, long scratch) {
    Block b = blocks[thread];
    for (int from = 0; from < context; from += BLOCK) {
      settle(b, part, from, qkv, out, lse, scratch + 4L * thread * scratchFloats());
      run(forward, b);
    }
  }

  void backward(
      int part, int thread, long dout, long qkv, long out, long lse, long dqkv, long scratch) {
    Block b = blocks[thread];
    int last = (context - 1) / BLOCK * BLOCK;
    // the last block sees every key, so it writes dk and dv, and the others add to them
    for (int from = last; from >= 0; from -= BLOCK) {
      settle(b, part, from, qkv, out, lse, scratch + 4L * thread * scratchFloats());
      b.dout = b.out - out + dout;
      b.dq = b.q - qkv + dqkv;
      b.dk = b.k - qkv + dqkv;
      b.dv = b.v - qkv + dqkv;
      b.beta = from == last ? 0 : 1;
      run(backward, b);
    }
  }

  private static void run(Stage[] stages, Block b) {
    for (Stage s : stages) {
      s.run(b);
    }
  }

  private void settle(Block b, int part, int from, long qkv, long out, long lse, long scratch) {
    long row = (long) (part / heads) * context;
    long column = (long) (part % heads) * headSize;
    int d = width();
    b.from = from;
    b.to = Math.min(context, from + BLOCK);
    b.rows = b.to - from;
    b.q = qkv + 4 * ((row + from) * 3 * d + column);
    b.k = qkv + 4 * (row * 3 * d + d + column);
    b.v = b.k + 4L * d;
    b.out = out + 4 * ((row + from) * d + column);
    b.lse = lse + 4 * ((long) part * context + from);
    b.p = scratch;
    b.dp = b.p + 4L * b.rows * b.to;
  }

  // ---- forward stages -----------------------------------------------------------------------

  /** p = scale·q·kᵀ. */
  private void scores(Block b) {
    int ld = 3 * width();
    blas.sgemm(false, true, b.rows, b.to, headSize, scale, b.q, ld, b.k, ld, 0, b.p, b.to);
  }

  /** p ← softmax over the keys that a query may see, zero beyond; the log-sum-exp is kept. */
  private static void softmax(Block b) {
    for (int i = 0; i < b.rows; i++) {
      long p = b.p + 4L * i * b.to;
      int valid = b.from + i + 1;
      float max = Rows.max(p, valid);
      float sum = Rows.expSum(p, max, p, valid);
      Rows.scale(p, 1 / sum, valid);
      Elementwise.fill(p, 0, valid, b.to);
      set(b.lse, i, max + (float) Math.log(sum));
    }
  }

  /** out = p·v. */
  private void output(Block b) {
    int d = width();
    blas.sgemm(false, false, b.rows, headSize, b.to, 1, b.p, b.to, b.v, 3 * d, 0, b.out, d);
  }

  // ---- backward stages ----------------------------------------------------------------------

  /** dp = dout·vᵀ. */
  private void outputGradients(Block b) {
    int d = width();
    blas.sgemm(false, true, b.rows, b.to, headSize, 1, b.dout, d, b.v, 3 * d, 0, b.dp, b.to);
  }

  /**
   * p ← e^(p − lse), dp ← p·(dp − delta) with delta = Σp·dp/Σp; zero for the keys that a query may
   * not see. The quotient makes Σdp vanish to rounding, which dout·out in place of delta would not:
   * where attention is nearly even, the gradients of queries and keys are that small difference.
   */
  private static void scoreGradients(Block b) {
    for (int i = 0; i < b.rows; i++) {
      long p = b.p + 4L * i * b.to;
      long dp = b.dp + 4L * i * b.to;
      int valid = b.from + i + 1;
      float sum = Rows.expSum(p, get(b.lse, i), p, valid);
      subtractAndScale(p, dp, Rows.dot(p, dp, valid) / sum, valid);
      Elementwise.fill(p, 0, valid, b.to);
      Elementwise.fill(dp, 0, valid, b.to);
    }
  }

  private static void subtractAndScale(long p, long dp, float delta, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      store(dp, i, load(dp, i).sub(delta).mul(load(p, i)));
    }
    for (; i < n; i++) {
      set(dp, i, (get(dp, i) - delta) * get(p, i));
    }
  }

  /** dv += pᵀ·dout, dq = scale·dp·k, dk += scale·dpᵀ·q. */
  private void inputGradients(Block b) {
    int d = width();
    int ld = 3 * d;
    int h = headSize;
    blas.sgemm(true, false, b.to, h, b.rows, 1, b.p, b.to, b.dout, d, b.beta, b.dv, ld);
    blas.sgemm(false, false, b.rows, h, b.to, scale, b.dp, b.to, b.k, ld, 0, b.dq, ld);
    blas.sgemm(true, false, b.to, h, b.rows, scale, b.dp, b.to, b.q, ld, b.beta, b.dk, ld);
  }
}
