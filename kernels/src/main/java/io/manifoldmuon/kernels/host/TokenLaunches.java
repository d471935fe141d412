package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.RowSteps;
import io.manifoldmuon.kernels.device.Tokens;
import io.manifoldmuon.kernels.host.MatrixStep.OnRows;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Op;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;

/** Launches of {@link Tokens}. */
final class TokenLaunches {
  private TokenLaunches() {}

  static Launch embedding(Operands in) {
    Buffer table = in.in(0);
    Buffer ids = in.in(1);
    Buffer y = in.out(0);
    int width = table.shape().dim(1);
    return Launch.of(
        "embeddingF32",
        List.of(table, ids),
        List.of(y),
        Grid.covering(y.size()),
        0,
        (g, id) ->
            g.task(
                id,
                Tokens::embeddingF32,
                new KernelContext(),
                table.floats(),
                table.offset(),
                ids.ints(),
                ids.offset(),
                y.floats(),
                y.offset(),
                ids.size(),
                width));
  }

  static List<Launch> embeddingBackward(Operands in, int vocabulary, ProductKernels kernels) {
    Buffer dy = in.in(0);
    Buffer ids = in.in(1);
    Buffer table = in.out(0);
    int width = table.shape().dim(1);
    Buffer order = in.scratch(1);
    Buffer offsets = in.scratch(2);
    List<Launch> launches =
        new ArrayList<>(RoutingLaunches.sort(in, ids, order, offsets, vocabulary, true, kernels));
    launches.add(
        Launch.of(
            "embeddingBackwardF32",
            List.of(dy, order, offsets),
            List.of(table),
            Grid.covering(table.size()),
            dy.size(),
            (g, id) ->
                g.task(
                    id,
                    Tokens::embeddingBackwardF32,
                    new KernelContext(),
                    dy.floats(),
                    dy.offset(),
                    order.ints(),
                    order.offset(),
                    offsets.ints(),
                    offsets.offset(),
                    table.floats(),
                    table.offset(),
                    vocabulary,
                    width)));
    return launches;
  }

  static Launch gather(Operands in, Op.GatherTokens op) {
    Buffer x = in.in(0);
    Buffer position = in.in(1);
    Buffer y = in.out(0);
    int width = x.shape().dim(1);
    return Launch.of(
        "gatherF32",
        List.of(x, position),
        List.of(y),
        Grid.covering(y.size()),
        0,
        (g, id) ->
            g.task(
                id,
                Tokens::gatherF32,
                new KernelContext(),
                x.floats(),
                x.offset(),
                position.ints(),
                position.offset(),
                y.floats(),
                y.offset(),
                position.size(),
                op.k(),
                width));
  }

  static Launch sum(Operands in, Op.SumTokens op) {
    Buffer z = in.in(0);
    Buffer position = in.in(1);
    Buffer y = in.out(0);
    return Launch.of(
            "sumTokensF32",
            List.of(z, position),
            List.of(y),
            Grid.covering(y.size()),
            z.size(),
            (g, id) ->
                g.task(
                    id,
                    Tokens::sumF32,
                    new KernelContext(),
                    z.floats(),
                    z.offset(),
                    position.ints(),
                    position.offset(),
                    y.floats(),
                    y.offset(),
                    y.shape().dim(0),
                    op.k(),
                    y.shape().dim(1)))
        .by(
            MatrixStep.onRows(
                RowSteps.SUM_TOKENS,
                y,
                List.of(),
                0,
                OnRows.of(y.shape().dim(0)).slots(position, z, null),
                op.k(),
                y.shape().dim(1)));
  }

  static Launch combine(Operands in) {
    Buffer z = in.in(0);
    Buffer w = in.in(1);
    Buffer position = in.in(2);
    Buffer y = in.out(0);
    Shape routed = w.shape();
    return Launch.of(
            "combineF32",
            List.of(z, w, position),
            List.of(y),
            Grid.covering(y.size()),
            2.0 * z.size(),
            (g, id) ->
                g.task(
                    id,
                    Tokens::combineF32,
                    new KernelContext(),
                    z.floats(),
                    z.offset(),
                    w.floats(),
                    w.offset(),
                    position.ints(),
                    position.offset(),
                    y.floats(),
                    y.offset(),
                    routed.dim(0),
                    routed.dim(1),
                    y.shape().dim(1)))
        .by(
            MatrixStep.onRows(
                RowSteps.COMBINE,
                y,
                List.of(w),
                0,
                OnRows.of(routed.dim(0)).slots(position, z, null),
                routed.dim(1),
                y.shape().dim(1)));
  }

  static Launch combineBackward(Operands in) {
    Buffer dy = in.in(0);
    Buffer z = in.in(1);
    Buffer w = in.in(2);
    Buffer position = in.in(3);
    Buffer dz = in.out(0);
    Buffer dw = in.out(1);
    int width = z.shape().dim(1);
    int k = w.shape().dim(1);
    int lanes = Pieces.lanes(width);
    return Launch.of(
            "combineBackwardF32",
            List.of(dy, z, w, position),
            List.of(dz, dw),
            Grid.covering((long) w.size() * lanes),
            3.0 * z.size(),
            (g, id) ->
                g.task(
                    id,
                    Tokens::combineBackwardF32,
                    new KernelContext(),
                    dy.floats(),
                    dy.offset(),
                    z.floats(),
                    z.offset(),
                    w.floats(),
                    w.offset(),
                    position.ints(),
                    position.offset(),
                    dz.floats(),
                    dz.offset(),
                    dw.floats(),
                    dw.offset(),
                    w.size(),
                    k,
                    width,
                    lanes))
        .by(
            MatrixStep.onRows(
                RowSteps.COMBINE_BACKWARD,
                dw,
                List.of(dy, w),
                0,
                OnRows.of(w.size() / k).slots(position, z, dz),
                k,
                width));
  }
}
