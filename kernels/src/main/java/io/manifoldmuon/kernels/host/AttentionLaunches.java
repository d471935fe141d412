package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.Attention;
import io.manifoldmuon.kernels.device.RowSteps;
import io.manifoldmuon.kernels.device.VectorAttention;
import io.manifoldmuon.kernels.host.MatrixStep.OnRows;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Op;
import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;

/** Launches of {@link Attention}, or {@link VectorAttention} for CPU devices. */
final class AttentionLaunches {
  private AttentionLaunches() {}

  static int headSize(Shape qkv, int heads) {
    return qkv.dim(2) / 3 / heads;
  }

  /**
   * cos φ and sin φ of every position and pair, [T, size/2, 2]: made in float64, because float32
   * angles of many turns have lost their fraction.
   */
  static float[] angles(int positions, int size, double base) {
    float[] table = new float[positions * size];
    for (int t = 0; t < positions; t++) {
      for (int j = 0; j < size; j += 2) {
        double angle = t * Math.pow(base, -(double) j / size);
        table[t * size + j] = (float) Math.cos(angle);
        table[t * size + j + 1] = (float) Math.sin(angle);
      }
    }
    return table;
  }

  static Launch rope(Operands in, Op.Rope op) {
    Buffer x = in.in(0);
    Buffer y = in.out(0);
    Buffer table = in.auxiliary();
    Shape s = x.shape();
    int width = s.dim(2) / 3;
    float sign = op.inverse() ? -1 : 1;
    return Launch.of(
            "ropeF32",
            List.of(x, table),
            List.of(y),
            Grid.covering(x.size() / 2),
            2.0 * x.size(),
            (g, id) ->
                g.task(
                    id,
                    Attention::ropeF32,
                    new KernelContext(),
                    x.floats(),
                    x.offset(),
                    table.floats(),
                    table.offset(),
                    y.floats(),
                    y.offset(),
                    s.dim(0) * s.dim(1),
                    s.dim(1),
                    width,
                    width / op.heads(),
                    sign))
        .by(
            MatrixStep.onRows(
                RowSteps.ROPE,
                y,
                List.of(x),
                sign,
                OnRows.of(s.dim(0) * s.dim(1), table),
                width,
                width / op.heads(),
                s.dim(1)));
  }

  /** One work-item a group, for {@link VectorAttention#POSITIONS} positions of a head. */
  private static WorkerGrid blocks(Shape qkv, int heads) {
    int parts = (qkv.dim(1) + VectorAttention.POSITIONS - 1) / VectorAttention.POSITIONS;
    return Grid.covering((long) qkv.dim(0) * heads * parts, 1);
  }

  /** The multiply-adds of one pass over half of the scores. */
  private static double work(Shape qkv) {
    return (double) qkv.dim(0) * qkv.dim(1) * qkv.dim(1) * qkv.dim(2) / 3;
  }

  static Launch forward(Operands in, Op.CausalAttention op, ProductKernels kernels) {
    boolean vector = kernels == ProductKernels.VECTOR;
    Buffer qkv = in.in(0);
    Buffer out = in.out(0);
    Buffer lse = in.out(1);
    Shape s = qkv.shape();
    return Launch.of(
        vector ? "causalVectorF32" : "causalF32",
        List.of(qkv),
        List.of(out, lse),
        vector ? blocks(s, op.heads()) : Grid.covering(lse.size()),
        2 * work(s),
        (g, id) ->
            g.task(
                id,
                vector ? VectorAttention::causalVectorF32 : Attention::causalF32,
                new KernelContext(),
                qkv.floats(),
                qkv.offset(),
                out.floats(),
                out.offset(),
                lse.floats(),
                lse.offset(),
                s.dim(0),
                s.dim(1),
                op.heads(),
                headSize(s, op.heads()),
                (float) op.scale()));
  }

  static List<Launch> backward(Operands in, Op.CausalAttentionBackward op, ProductKernels kernels) {
    boolean vector = kernels == ProductKernels.VECTOR;
    Buffer rowSum = in.scratch(0);
    return List.of(queries(in, op, rowSum, vector), keys(in, op, rowSum, vector));
  }

  private static Launch queries(
      Operands in, Op.CausalAttentionBackward op, Buffer rowSum, boolean vector) {
    Buffer dout = in.in(0);
    Buffer qkv = in.in(1);
    Buffer out = in.in(2);
    Buffer lse = in.in(3);
    Buffer dqkv = in.out(0);
    Shape s = qkv.shape();
    return Launch.of(
        vector ? "causalBackwardQueriesVectorF32" : "causalBackwardQueriesF32",
        List.of(dout, qkv, out, lse),
        List.of(rowSum, dqkv),
        vector ? blocks(s, op.heads()) : Grid.covering(lse.size()),
        3 * work(s),
        (g, id) ->
            g.task(
                id,
                vector
                    ? VectorAttention::causalBackwardQueriesVectorF32
                    : Attention::causalBackwardQueriesF32,
                new KernelContext(),
                dout.floats(),
                dout.offset(),
                qkv.floats(),
                qkv.offset(),
                out.floats(),
                out.offset(),
                lse.floats(),
                lse.offset(),
                rowSum.floats(),
                rowSum.offset(),
                dqkv.floats(),
                dqkv.offset(),
                s.dim(0),
                s.dim(1),
                op.heads(),
                headSize(s, op.heads()),
                (float) op.scale()));
  }

  private static Launch keys(
      Operands in, Op.CausalAttentionBackward op, Buffer rowSum, boolean vector) {
    Buffer dout = in.in(0);
    Buffer qkv = in.in(1);
    Buffer lse = in.in(3);
    Buffer dqkv = in.out(0);
    Shape s = qkv.shape();
    return Launch.of(
        vector ? "causalBackwardKeysVectorF32" : "causalBackwardKeysF32",
        List.of(dout, qkv, lse, rowSum),
        List.of(dqkv),
        vector ? blocks(s, op.heads()) : Grid.covering(lse.size()),
        4 * work(s),
        (g, id) ->
            g.task(
                id,
                vector
                    ? VectorAttention::causalBackwardKeysVectorF32
                    : Attention::causalBackwardKeysF32,
                new KernelContext(),
                dout.floats(),
                dout.offset(),
                qkv.floats(),
                qkv.offset(),
                lse.floats(),
                lse.offset(),
                rowSum.floats(),
                rowSum.offset(),
                dqkv.floats(),
                dqkv.offset(),
                s.dim(0),
                s.dim(1),
                op.heads(),
                headSize(s, op.heads()),
                (float) op.scale()));
  }
}
