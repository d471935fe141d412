package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.Attention;
import io.manifoldmuon.kernels.device.RowSteps;
import io.manifoldmuon.kernels.device.TiledAttention;
import io.manifoldmuon.kernels.device.TiledAttentionBackward;
import io.manifoldmuon.kernels.device.VectorAttention;
import io.manifoldmuon.kernels.host.MatrixStep.OnRows;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Op;
import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;

/**
 * Launches of {@link VectorAttention} for CPU devices; of {@link TiledAttention} for GPUs, or
 * {@link Attention} where heads are too large for that.
 */
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

  /** How positions are shared out. */
  private enum Form {
    /** One work-item a group, for {@link VectorAttention#POSITIONS} positions of a head. */
    VECTOR("Vector"),
    /** A group for {@link TiledAttention#TILE} positions of a head. */
    TILED("Tiled"),
    /** A work-item for a position of a head. */
    SINGLE("");

    private final String word;

    Form(String word) {
      this.word = word;
    }

    static Form of(ProductKernels kernels, int size) {
      return switch (kernels) {
        case VECTOR -> VECTOR;
        case TILED -> size <= TiledAttention.MOST_SIZE ? TILED : SINGLE;
      };
    }

    String kernel(String name) {
      return name + word + "F32";
    }

    WorkerGrid grid(Shape qkv, int heads) {
      long rows = (long) qkv.dim(0) * heads;
      return switch (this) {
        case VECTOR -> Grid.covering(rows * parts(qkv.dim(1), VectorAttention.POSITIONS), 1);
        case TILED -> {
          int items = TiledAttention.ITEMS;
          yield Grid.covering(rows * parts(qkv.dim(1), TiledAttention.TILE) * items, items);
        }
        case SINGLE -> Grid.covering(rows * qkv.dim(1));
      };
    }

    private static long parts(int positions, int part) {
      return (positions + part - 1L) / part;
    }
  }

  /** The multiply-adds of one pass over half of the scores. */
  private static double work(Shape qkv) {
    return (double) qkv.dim(0) * qkv.dim(1) * qkv.dim(1) * qkv.dim(2) / 3;
  }

  static Launch forward(Operands in, Op.CausalAttention op, ProductKernels kernels) {
    Buffer qkv = in.in(0);
    Form form = Form.of(kernels, headSize(qkv.shape(), op.heads()));
    Buffer out = in.out(0);
    Buffer lse = in.out(1);
    Shape s = qkv.shape();
    return Launch.of(
        form.kernel("causal"),
        List.of(qkv),
        List.of(out, lse),
        form.grid(s, op.heads()),
        2 * work(s),
        (g, id) ->
            g.task(
                id,
                switch (form) {
                  case VECTOR -> VectorAttention::causalVectorF32;
                  case TILED -> TiledAttention::causalTiledF32;
                  case SINGLE -> Attention::causalF32;
                },
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
    Form form = Form.of(kernels, headSize(in.in(1).shape(), op.heads()));
    Buffer rowSum = in.scratch(0);
    return List.of(queries(in, op, rowSum, form), keys(in, op, rowSum, form));
  }

  private static Launch queries(
      Operands in, Op.CausalAttentionBackward op, Buffer rowSum, Form form) {
    Buffer dout = in.in(0);
    Buffer qkv = in.in(1);
    Buffer out = in.in(2);
    Buffer lse = in.in(3);
    Buffer dqkv = in.out(0);
    Shape s = qkv.shape();
    return Launch.of(
        form.kernel("causalBackwardQueries"),
        List.of(dout, qkv, out, lse),
        List.of(rowSum, dqkv),
        form.grid(s, op.heads()),
        3 * work(s),
        (g, id) ->
            g.task(
                id,
                switch (form) {
                  case VECTOR -> VectorAttention::causalBackwardQueriesVectorF32;
                  case TILED -> TiledAttentionBackward::causalBackwardQueriesTiledF32;
                  case SINGLE -> Attention::causalBackwardQueriesF32;
                },
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

  private static Launch keys(Operands in, Op.CausalAttentionBackward op, Buffer rowSum, Form form) {
    Buffer dout = in.in(0);
    Buffer qkv = in.in(1);
    Buffer lse = in.in(3);
    Buffer dqkv = in.out(0);
    Shape s = qkv.shape();
    return Launch.of(
        form.kernel("causalBackwardKeys"),
        List.of(dout, qkv, lse, rowSum),
        List.of(dqkv),
        form.grid(s, op.heads()),
        4 * work(s),
        (g, id) ->
            g.task(
                id,
                switch (form) {
                  case VECTOR -> VectorAttention::causalBackwardKeysVectorF32;
                  case TILED -> TiledAttentionBackward::causalBackwardKeysTiledF32;
                  case SINGLE -> Attention::causalBackwardKeysF32;
                },
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
