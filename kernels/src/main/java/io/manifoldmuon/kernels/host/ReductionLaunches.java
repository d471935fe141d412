package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.Reductions;
import io.manifoldmuon.kernels.device.SmallSteps;
import io.manifoldmuon.kernels.host.SmallStep.Operand;
import io.manifoldmuon.linalg.graph.Align;
import io.manifoldmuon.linalg.graph.Op;
import java.util.Arrays;
import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;

/** Launches of {@link Reductions}. */
final class ReductionLaunches {
  private ReductionLaunches() {}

  /** The scratch elements of a reduction of rows. */
  static int rowScratch(int rows, int width) {
    Pieces pieces = Pieces.ofRows(rows, width);
    return pieces.count() == 1 ? 0 : rows * pieces.count();
  }

  /** The scratch elements of a sum of columns. */
  static int columnScratch(int rows, int columns) {
    Pieces pieces = Pieces.ofColumns(rows);
    return pieces.count() == 1 ? 0 : pieces.count() * columns;
  }

  /** Whether the sum runs down the columns; a sum of everything runs along its one row. */
  static boolean isOfColumns(Op.Sum op) {
    return op.align() == Align.SUFFIX && op.shape().size() > 1;
  }

  static List<Launch> sum(Operands in, Op.Sum op) {
    Buffer x = in.in(0);
    Buffer y = in.out(0);
    int rest = x.size() / y.size();
    if (isOfColumns(op)) {
      return sumColumns(in, x, y, rest, y.size());
    }
    Pieces pieces = Pieces.ofRows(y.size(), rest);
    if (pieces.count() == 1) {
      return List.of(sumRows(x, y, y.size(), rest, pieces));
    }
    Buffer part = in.scratch(0);
    return List.of(
        sumRows(x, part, y.size(), rest, pieces),
        sumRows(part, y, y.size(), pieces.count(), Pieces.whole(pieces.count())));
  }

  static List<Launch> dot(Operands in) {
    Buffer y = in.out(0);
    int width = in.in(0).size() / y.size();
    Pieces pieces = Pieces.ofRows(y.size(), width);
    if (pieces.count() == 1) {
      return List.of(dotRows(in.in(0), in.in(1), y, y.size(), width, pieces));
    }
    Buffer part = in.scratch(0);
    return List.of(
        dotRows(in.in(0), in.in(1), part, y.size(), width, pieces),
        sumRows(part, y, y.size(), pieces.count(), Pieces.whole(pieces.count())));
  }

  static List<Launch> maxAbs(Operands in) {
    Buffer y = in.out(0);
    int width = in.in(0).size() / y.size();
    Pieces pieces = Pieces.ofRows(y.size(), width);
    if (pieces.count() == 1) {
      return List.of(maxAbsRows(in.in(0), y, y.size(), width, pieces));
    }
    Buffer part = in.scratch(0);
    return List.of(
        maxAbsRows(in.in(0), part, y.size(), width, pieces),
        maxAbsRows(part, y, y.size(), pieces.count(), Pieces.whole(pieces.count())));
  }

  private static List<Launch> sumColumns(Operands in, Buffer x, Buffer y, int rows, int columns) {
    Pieces pieces = Pieces.ofColumns(rows);
    if (pieces.count() == 1) {
      return List.of(sumColumns(x, y, rows, columns, pieces));
    }
    Buffer part = in.scratch(0);
    return List.of(
        sumColumns(x, part, rows, columns, pieces),
        sumColumns(part, y, pieces.count(), columns, Pieces.whole(pieces.count())));
  }

  private static Launch sumRows(Buffer x, Buffer y, int rows, int width, Pieces pieces) {
    int lanes = Pieces.lanes(pieces.length());
    return Launch.of(
            "sumRowsF32",
            List.of(x),
            List.of(y),
            Grid.covering((long) rows * pieces.count() * lanes),
            x.size(),
            (g, id) ->
                g.task(
                    id,
                    Reductions::sumRowsF32,
                    new KernelContext(),
                    x.floats(),
                    x.offset(),
                    y.floats(),
                    y.offset(),
                    rows,
                    width,
                    pieces.count(),
                    pieces.length(),
                    lanes))
        .by(steps(SmallSteps.SUM, pieces, width, y, x));
  }

  private static Launch dotRows(Buffer a, Buffer b, Buffer y, int rows, int width, Pieces pieces) {
    int lanes = Pieces.lanes(pieces.length());
    return Launch.of(
            "dotRowsF32",
            List.of(a, b),
            List.of(y),
            Grid.covering((long) rows * pieces.count() * lanes),
            2.0 * a.size(),
            (g, id) ->
                g.task(
                    id,
                    Reductions::dotRowsF32,
                    new KernelContext(),
                    a.floats(),
                    a.offset(),
                    b.floats(),
                    b.offset(),
                    y.floats(),
                    y.offset(),
                    rows,
                    width,
                    pieces.count(),
                    pieces.length(),
                    lanes))
        .by(steps(SmallSteps.DOT, pieces, width, y, a, b));
  }

  private static Launch maxAbsRows(Buffer x, Buffer y, int rows, int width, Pieces pieces) {
    int lanes = Pieces.lanes(pieces.length());
    return Launch.of(
            "maxAbsRowsF32",
            List.of(x),
            List.of(y),
            Grid.covering((long) rows * pieces.count() * lanes),
            x.size(),
            (g, id) ->
                g.task(
                    id,
                    Reductions::maxAbsRowsF32,
                    new KernelContext(),
                    x.floats(),
                    x.offset(),
                    y.floats(),
                    y.offset(),
                    rows,
                    width,
                    pieces.count(),
                    pieces.length(),
                    lanes))
        .by(steps(SmallSteps.MAX_ABS, pieces, width, y, x));
  }

  static Launch sumColumns(Buffer x, Buffer y, int rows, int columns, Pieces pieces) {
    return Launch.of(
            "sumColumnsF32",
            List.of(x),
            List.of(y),
            Grid.covering((long) pieces.count() * columns),
            x.size(),
            (g, id) ->
                g.task(
                    id,
                    Reductions::sumColumnsF32,
                    new KernelContext(),
                    x.floats(),
                    x.offset(),
                    y.floats(),
                    y.offset(),
                    rows,
                    columns,
                    pieces.count(),
                    pieces.length()))
        .by(
            pieces.count() == 1
                ? new SmallStep[] {
                  SmallStep.sum(SmallSteps.SUM, rows, y, Operand.columns(x, columns))
                }
                : new SmallStep[0]);
  }

  /** Sums in one piece, or in pieces of one length, are sums of shorter rows. */
  private static SmallStep[] steps(int kind, Pieces pieces, int width, Buffer y, Buffer... rows) {
    int length = pieces.length();
    return width == pieces.count() * length
        ? new SmallStep[] {
          SmallStep.sum(
              kind,
              length,
              y,
              Arrays.stream(rows).map(x -> Operand.rows(x, length)).toArray(Operand[]::new))
        }
        : new SmallStep[0];
  }

  /** Reports the first NaN of x at y. */
  static Launch firstNaN(Buffer x, Buffer y) {
    return firstBad(x, y, 1);
  }

  /** Reports the first NaN or infinity of x at y. */
  static Launch firstNotFinite(Buffer x, Buffer y) {
    return firstBad(x, y, 0);
  }

  private static Launch firstBad(Buffer x, Buffer y, int allowInfinity) {
    int n = x.size();
    return Launch.of(
        "firstBadF32",
        List.of(x),
        List.of(y),
        Grid.covering(Reductions.GROUP),
        n,
        (g, id) ->
            g.task(
                id,
                Reductions::firstBadF32,
                new KernelContext(),
                x.floats(),
                x.offset(),
                y.floats(),
                y.offset(),
                n,
                allowInfinity));
  }
}
