package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.Norms;
import io.manifoldmuon.kernels.device.RowSteps;
import io.manifoldmuon.kernels.device.Rows;
import io.manifoldmuon.kernels.host.MatrixStep.OnRows;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;

/** Launches of {@link Rows} and {@link Norms}. */
final class RowLaunches {
  private RowLaunches() {}

  private static int width(Buffer x) {
    return x.shape().dim(-1);
  }

  private static int rows(Buffer x) {
    return x.size() / width(x);
  }

  static Launch softmax(Operands in) {
    Buffer x = in.in(0);
    Buffer y = in.out(0);
    int lanes = Pieces.lanes(width(x));
    return Launch.of(
            "softmaxF32",
            List.of(x),
            List.of(y),
            Grid.covering((long) rows(x) * lanes),
            5.0 * x.size(),
            (g, id) ->
                g.task(
                    id,
                    Rows::softmaxF32,
                    new KernelContext(),
                    x.floats(),
                    x.offset(),
                    y.floats(),
                    y.offset(),
                    rows(x),
                    width(x),
                    lanes))
        .by(MatrixStep.onRows(RowSteps.SOFTMAX, y, List.of(x), 0, OnRows.of(rows(x)), width(x)));
  }

  static Launch softmaxBackward(Operands in) {
    Buffer dy = in.in(0);
    Buffer p = in.in(1);
    Buffer dx = in.out(0);
    int lanes = Pieces.lanes(width(p));
    return Launch.of(
            "softmaxBackwardF32",
            List.of(dy, p),
            List.of(dx),
            Grid.covering((long) rows(p) * lanes),
            4.0 * p.size(),
            (g, id) ->
                g.task(
                    id,
                    Rows::softmaxBackwardF32,
                    new KernelContext(),
                    dy.floats(),
                    dy.offset(),
                    p.floats(),
                    p.offset(),
                    dx.floats(),
                    dx.offset(),
                    rows(p),
                    width(p),
                    lanes))
        .by(
            MatrixStep.onRows(
                RowSteps.SOFTMAX_BACKWARD, dx, List.of(dy, p), 0, OnRows.of(rows(p)), width(p)));
  }

  static Launch logSumExp(Buffer x, Buffer y) {
    int lanes = Pieces.lanes(width(x));
    return Launch.of(
            "logSumExpF32",
            List.of(x),
            List.of(y),
            Grid.covering((long) rows(x) * lanes),
            4.0 * x.size(),
            (g, id) ->
                g.task(
                    id,
                    Rows::logSumExpF32,
                    new KernelContext(),
                    x.floats(),
                    x.offset(),
                    y.floats(),
                    y.offset(),
                    rows(x),
                    width(x),
                    lanes))
        .by(
            MatrixStep.onRows(
                RowSteps.LOG_SUM_EXP, y, List.of(x), 0, OnRows.of(rows(x)), width(x)));
  }

  static List<Launch> crossEntropy(Operands in) {
    Buffer logits = in.in(0);
    Buffer targets = in.in(1);
    Buffer loss = in.out(0);
    Buffer lse = in.out(1);
    Launch pick =
        Launch.of(
            "crossEntropyF32",
            List.of(logits, lse, targets),
            List.of(loss),
            Grid.covering(rows(logits)),
            rows(logits),
            (g, id) ->
                g.task(
                    id,
                    Rows::crossEntropyF32,
                    new KernelContext(),
                    logits.floats(),
                    logits.offset(),
                    lse.floats(),
                    lse.offset(),
                    targets.ints(),
                    targets.offset(),
                    loss.floats(),
                    loss.offset(),
                    rows(logits),
                    width(logits)));
    return List.of(logSumExp(logits, lse), pick);
  }

  static Launch crossEntropyBackward(Operands in) {
    Buffer logits = in.in(0);
    Buffer lse = in.in(1);
    Buffer targets = in.in(2);
    Buffer dloss = in.in(3);
    Buffer dlogits = in.out(0);
    return Launch.of(
        "crossEntropyBackwardF32",
        List.of(logits, lse, targets, dloss),
        List.of(dlogits),
        Grid.covering(logits.size()),
        4.0 * logits.size(),
        (g, id) ->
            g.task(
                id,
                Rows::crossEntropyBackwardF32,
                new KernelContext(),
                logits.floats(),
                logits.offset(),
                lse.floats(),
                lse.offset(),
                targets.ints(),
                targets.offset(),
                dloss.floats(),
                dloss.offset(),
                dlogits.floats(),
                dlogits.offset(),
                rows(logits),
                width(logits)));
  }

  static Launch rmsNorm(Operands in, double epsilon) {
    Buffer x = in.in(0);
    Buffer gain = in.in(1);
    Buffer y = in.out(0);
    int lanes = Pieces.lanes(width(x));
    return Launch.of(
            "rmsNormF32",
            List.of(x, gain),
            List.of(y),
            Grid.covering((long) rows(x) * lanes),
            4.0 * x.size(),
            (g, id) ->
                g.task(
                    id,
                    Norms::rmsNormF32,
                    new KernelContext(),
                    x.floats(),
                    x.offset(),
                    gain.floats(),
                    gain.offset(),
                    y.floats(),
                    y.offset(),
                    rows(x),
                    width(x),
                    (float) epsilon,
                    lanes))
        .by(
            MatrixStep.onRows(
                RowSteps.RMS_NORM, y, List.of(x), epsilon, OnRows.of(rows(x), gain), width(x)));
  }

  static List<Launch> rmsNormBackward(Operands in, double epsilon) {
    Buffer dy = in.in(0);
    Buffer x = in.in(1);
    Buffer gain = in.in(2);
    int rows = rows(x);
    int width = width(x);
    Buffer inverse = in.scratch(0);
    List<Launch> launches = new ArrayList<>();
    Pieces pieces = Pieces.ofColumns(rows);
    Buffer part = pieces.count() == 1 ? in.out(1) : in.scratch(1);
    launches.add(normGradient(dy, x, gain, in.out(0), inverse, epsilon));
    launches.add(gainGradient(dy, x, inverse, part, pieces));
    if (pieces.count() > 1) {
      launches.add(
          ReductionLaunches.sumColumns(
              part, in.out(1), pieces.count(), width, Pieces.whole(pieces.count())));
    }
    return launches;
  }

  private static Launch normGradient(
      Buffer dy, Buffer x, Buffer gain, Buffer dx, Buffer inverse, double epsilon) {
    int lanes = Pieces.lanes(width(x));
    return Launch.of(
            "rmsNormBackwardF32",
            List.of(dy, x, gain),
            List.of(dx, inverse),
            Grid.covering((long) rows(x) * lanes),
            9.0 * x.size(),
            (g, id) ->
                g.task(
                    id,
                    Norms::rmsNormBackwardF32,
                    new KernelContext(),
                    dy.floats(),
                    dy.offset(),
                    x.floats(),
                    x.offset(),
                    gain.floats(),
                    gain.offset(),
                    dx.floats(),
                    dx.offset(),
                    inverse.floats(),
                    inverse.offset(),
                    rows(x),
                    width(x),
                    (float) epsilon,
                    lanes))
        .by(
            MatrixStep.onRows(
                RowSteps.RMS_NORM_BACKWARD,
                dx,
                List.of(dy, x),
                epsilon,
                OnRows.of(rows(x), gain).also(inverse),
                width(x)));
  }

  private static Launch gainGradient(
      Buffer dy, Buffer x, Buffer inverse, Buffer part, Pieces pieces) {
    return Launch.of(
            "gainGradientF32",
            List.of(dy, x, inverse),
            List.of(part),
            Grid.covering((long) pieces.count() * width(x)),
            3.0 * x.size(),
            (g, id) ->
                g.task(
                    id,
                    Norms::gainGradientF32,
                    new KernelContext(),
                    dy.floats(),
                    dy.offset(),
                    x.floats(),
                    x.offset(),
                    inverse.floats(),
                    inverse.offset(),
                    part.floats(),
                    part.offset(),
                    rows(x),
                    width(x),
                    pieces.count(),
                    pieces.length()))
        .by(
            MatrixStep.onRows(
                RowSteps.GAIN_GRADIENT,
                part,
                List.of(dy, x, inverse),
                0,
                OnRows.of(rows(x)),
                width(x)));
  }
}
