package io.manifoldmuon.linalg.cpu;

import static io.manifoldmuon.linalg.cpu.Memory.get;
import static io.manifoldmuon.linalg.cpu.Memory.getInt;
import static io.manifoldmuon.linalg.cpu.Memory.set;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;

/** Kernels that work on one row at a time. */
final class RowKernels {
  private final Context c;

  RowKernels(Context c) {
    this.c = c;
  }

  /** Applies {@code row} to each row of the first input and output; rows are the last dimension. */
  private Kernel each(Shape shape, RowTask row) {
    int n = shape.dim(-1);
    int rows = shape.size() / n;
    return c.rows(
        rows,
        n,
        (from, to) -> {
          for (long r = from; r < to; r++) {
            row.run(r, 4 * r * n, n);
          }
        });
  }

  private interface RowTask {
    /** Row r starts {@code at} bytes into the tensor and has n elements. */
    void run(long r, long at, int n);
  }

  Kernel rmsNorm(Node node, Op.RmsNorm op) {
    long x = c.in(node, 0);
    long gain = c.in(node, 1);
    long y = c.out(node, 0);
    float epsilon = (float) op.epsilon();
    return each(c.inShape(node, 0), (_, at, n) -> Rows.rmsNorm(x + at, gain, y + at, n, epsilon));
  }

  /** The gain's gradient is summed per part in scratch memory, then over the parts in order. */
  Kernel rmsNormBackward(Node node, Op.RmsNormBackward op) {
    long dy = c.in(node, 0);
    long x = c.in(node, 1);
    long gain = c.in(node, 2);
    long dx = c.out(node, 0);
    long dgain = c.out(node, 1);
    int rows = c.inShape(node, 0).dim(0);
    int n = c.inShape(node, 0).dim(1);
    float epsilon = (float) op.epsilon();
    int parts = c.rowParts(rows, n);
    int step = (rows + parts - 1) / parts;
    c.needScratch((long) parts * n);
    ThreadTeam.Task task =
        (part, _) -> {
          long partial = c.scratch() + 4L * part * n;
          Memory.zero(partial, n);
          for (long r = (long) part * step; r < Math.min(rows, (part + 1L) * step); r++) {
            long at = 4 * r * n;
            Rows.rmsNormBackward(dy + at, x + at, gain, dx + at, partial, n, epsilon);
          }
        };
    return () -> {
      c.team.run(parts, task);
      Memory.copy(c.scratch(), dgain, n);
      for (int p = 1; p < parts; p++) {
        Elementwise.addScaled(c.scratch() + 4L * p * n, 1, dgain, n);
      }
    };
  }

  Kernel softmax(Node node) {
    long x = c.in(node, 0);
    long y = c.out(node, 0);
    return each(c.inShape(node, 0), (_, at, n) -> Rows.softmax(x + at, y + at, n));
  }

  Kernel softmaxBackward(Node node) {
    long dy = c.in(node, 0);
    long p = c.in(node, 1);
    long dx = c.out(node, 0);
    return each(
        c.inShape(node, 0), (_, at, n) -> Rows.softmaxBackward(dy + at, p + at, dx + at, n));
  }

  Kernel logSumExp(Node node) {
    long x = c.in(node, 0);
    long y = c.out(node, 0);
    return each(c.inShape(node, 0), (r, at, n) -> set(y, r, Rows.logSumExp(x + at, n)));
  }

  Kernel crossEntropy(Node node) {
    long logits = c.in(node, 0);
    long targets = c.in(node, 1);
    long loss = c.out(node, 0);
    long lse = c.out(node, 1);
    return each(
        c.inShape(node, 0),
        (r, at, n) -> {
          int target = Indices.check(node, getInt(targets, r), r, n);
          float l = Rows.logSumExp(logits + at, n);
          set(lse, r, l);
          set(loss, r, l - get(logits + at, target));
        });
  }

  Kernel crossEntropyBackward(Node node) {
    long logits = c.in(node, 0);
    long lse = c.in(node, 1);
    long targets = c.in(node, 2);
    long dloss = c.in(node, 3);
    long dlogits = c.out(node, 0);
    return each(
        c.inShape(node, 0),
        (r, at, n) -> {
          int target = Indices.check(node, getInt(targets, r), r, n);
          Rows.crossEntropyBackward(
              logits + at, get(lse, r), target, get(dloss, r), dlogits + at, n);
        });
  }

  Kernel embedding(Node node) {
    long table = c.in(node, 0);
    long ids = c.in(node, 1);
    long y = c.out(node, 0);
    int vocabulary = c.inShape(node, 0).dim(0);
    return each(
        c.outShape(node, 0),
        (r, at, n) -> {
          long id = Indices.check(node, getInt(ids, r), r, vocabulary);
          Memory.copy(table + 4 * id * n, y + at, n);
        });
  }

  /** Each part owns the rows of the table whose number is its own modulo the number of parts. */
  Kernel embeddingBackward(Node node, Op.EmbeddingBackward op) {
    long dy = c.in(node, 0);
    long ids = c.in(node, 1);
    long table = c.out(node, 0);
    int n = c.inShape(node, 0).dim(-1);
    int rows = c.inShape(node, 1).size();
    int parts = Math.min(c.team.threads(), op.vocabulary());
    ThreadTeam.Task task =
        (part, _) -> {
          for (long v = part; v < op.vocabulary(); v += parts) {
            Memory.zero(table + 4 * v * n, n);
          }
          for (long r = 0; r < rows; r++) {
            long id = Indices.check(node, getInt(ids, r), r, op.vocabulary());
            if (id % parts == part) {
              Elementwise.addScaled(dy + 4 * r * n, 1, table + 4 * id * n, n);
            }
          }
        };
    return () -> c.team.run(parts, task);
  }

  /** Turns pairs by the angles of a table that is made here, once. */
  Kernel rope(Node node, Op.Rope op, long table) {
    long x = c.in(node, 0);
    long y = c.out(node, 0);
    Shape s = c.inShape(node, 0);
    int context = s.dim(1);
    int width = s.dim(2) / 3;
    int headSize = width / op.heads();
    return each(
        s,
        (r, at, n) -> {
          long angles = table + 8 * (r % context) * headSize;
          for (int h = 0; h < 2 * op.heads(); h++) {
            long head = at + 4L * h * headSize;
            RopeTable.turn(x + head, y + head, angles, headSize);
          }
          if (x != y) {
            Memory.copy(x + at + 8L * width, y + at + 8L * width, width);
          }
        });
  }

  Kernel attention(Node node, Op.CausalAttention op) {
    Attention a = attention(c.inShape(node, 0), op.heads(), op.scale());
    long qkv = c.in(node, 0);
    long out = c.out(node, 0);
    long lse = c.out(node, 1);
    ThreadTeam.Task task = (part, thread) -> a.forward(part, thread, qkv, out, lse, c.scratch());
    return () -> c.team.run(a.parts(), task);
  }

  Kernel attentionBackward(Node node, Op.CausalAttentionBackward op) {
    Attention a = attention(c.inShape(node, 1), op.heads(), op.scale());
    long dout = c.in(node, 0);
    long qkv = c.in(node, 1);
    long out = c.in(node, 2);
    long lse = c.in(node, 3);
    long dqkv = c.out(node, 0);
    ThreadTeam.Task task =
        (part, thread) -> a.backward(part, thread, dout, qkv, out, lse, dqkv, c.scratch());
    return () -> c.team.run(a.parts(), task);
  }

  private Attention attention(Shape qkv, int heads, double scale) {
    int headSize = qkv.dim(2) / 3 / heads;
    return new Attention(c, qkv.dim(0), qkv.dim(1), heads, headSize, (float) scale);
  }
}
