package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.Routing;
import io.manifoldmuon.kernels.device.RowSteps;
import io.manifoldmuon.kernels.host.MatrixStep.OnRows;
import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;

/** Launches of {@link Routing}. */
final class RoutingLaunches {
  private RoutingLaunches() {}

  static List<Launch> topK(Operands in, int k) {
    Buffer scores = in.in(0);
    Buffer index = in.out(0);
    int columns = scores.shape().dim(1);
    Launch choose =
        Launch.of(
                "topKF32",
                List.of(scores),
                List.of(index),
                Grid.covering(scores.size()),
                (double) columns * scores.size(),
                (g, id) ->
                    g.task(
                        id,
                        Routing::topKF32,
                        new KernelContext(),
                        scores.floats(),
                        scores.offset(),
                        index.ints(),
                        index.offset(),
                        scores.size(),
                        columns,
                        k))
            .by(
                MatrixStep.onRows(
                    RowSteps.TOP_K,
                    index,
                    List.of(scores),
                    0,
                    OnRows.of(index.shape().dim(0)),
                    columns,
                    k));
    return List.of(choose, ReductionLaunches.firstNaN(scores, in.auxiliary()));
  }

  static Launch roundRobin(Operands in, int experts) {
    Buffer index = in.out(0);
    int slots = index.size();
    return Launch.of(
        "roundRobinI32",
        List.of(),
        List.of(index),
        Grid.covering(slots),
        0,
        (g, id) ->
            g.task(
                id,
                Routing::roundRobinI32,
                new KernelContext(),
                index.ints(),
                index.offset(),
                slots,
                experts));
  }

  static Launch takeColumns(Operands in) {
    Buffer x = in.in(0);
    Buffer index = in.in(1);
    Buffer y = in.out(0);
    int k = index.shape().dim(1);
    int columns = x.shape().dim(1);
    return Launch.of(
            "takeColumnsF32",
            List.of(x, index),
            List.of(y),
            Grid.covering(y.size()),
            0,
            (g, id) ->
                g.task(
                    id,
                    Routing::takeColumnsF32,
                    new KernelContext(),
                    x.floats(),
                    x.offset(),
                    index.ints(),
                    index.offset(),
                    y.floats(),
                    y.offset(),
                    y.size(),
                    k,
                    columns))
        .by(
            MatrixStep.onRows(
                RowSteps.TAKE_COLUMNS,
                y,
                List.of(x),
                0,
                OnRows.of(y.size() / k).slots(index, null, null),
                columns,
                k));
  }

  static Launch takeColumnsBackward(Operands in, int columns) {
    Buffer dy = in.in(0);
    Buffer index = in.in(1);
    Buffer dx = in.out(0);
    int k = index.shape().dim(1);
    return Launch.of(
            "takeColumnsBackwardF32",
            List.of(dy, index),
            List.of(dx),
            Grid.covering(dx.size()),
            (double) k * dx.size(),
            (g, id) ->
                g.task(
                    id,
                    Routing::takeColumnsBackwardF32,
                    new KernelContext(),
                    dy.floats(),
                    dy.offset(),
                    index.ints(),
                    index.offset(),
                    dx.floats(),
                    dx.offset(),
                    dx.size(),
                    k,
                    columns))
        .by(
            MatrixStep.onRows(
                RowSteps.TAKE_COLUMNS_BACKWARD,
                dx,
                List.of(dy),
                0,
                OnRows.of(dx.size() / columns).slots(index, null, null),
                columns,
                k));
  }

  // ---- sorting ------------------------------------------------------------------------------

  /** The counters of a sort of {@code slots} by {@code keys}: one a key and piece. */
  static int bins(int slots, int keys) {
    return keys * Pieces.ofSlots(slots, keys).count();
  }

  static List<Launch> dispatch(Operands in, int experts, ProductKernels kernels) {
    return sort(in, in.in(0), in.out(0), in.out(1), experts, false, kernels);
  }

  /** Sorts slots by bin: where each slot stands or, inversely, which slot stands where. */
  static List<Launch> sort(
      Operands in,
      Buffer index,
      Buffer place,
      Buffer offsets,
      int bins,
      boolean inverse,
      ProductKernels kernels) {
    return switch (kernels) {
      case TILED -> sortInPieces(in, index, place, offsets, bins, inverse);
      case VECTOR -> List.of(sortAlone(in, index, place, offsets, bins, inverse));
    };
  }

  private static Launch sortAlone(
      Operands in, Buffer index, Buffer place, Buffer offsets, int bins, boolean inverse) {
    Buffer starts = in.scratch(0);
    int slots = index.size();
    return Launch.of(
        "sortI32",
        List.of(index),
        List.of(place, offsets, starts),
        Grid.covering(1, 1),
        2.0 * slots,
        (g, id) ->
            g.task(
                id,
                Routing::sortI32,
                new KernelContext(),
                index.ints(),
                index.offset(),
                starts.ints(),
                starts.offset(),
                place.ints(),
                place.offset(),
                offsets.ints(),
                offsets.offset(),
                slots,
                bins,
                inverse ? 1 : 0));
  }

  private static List<Launch> sortInPieces(
      Operands in, Buffer index, Buffer place, Buffer offsets, int bins, boolean inverse) {
    int slots = index.size();
    Pieces pieces = Pieces.ofSlots(slots, bins);
    int starts = bins * pieces.count();
    Buffer histogram = in.scratch(0);
    Launch count =
        Launch.of(
            "histogramI32",
            List.of(index),
            List.of(histogram),
            Grid.covering(starts),
            (double) slots * bins,
            (g, id) ->
                g.task(
                    id,
                    Routing::histogramI32,
                    new KernelContext(),
                    index.ints(),
                    index.offset(),
                    histogram.ints(),
                    histogram.offset(),
                    slots,
                    bins,
                    pieces.count(),
                    pieces.length()));
    Launch scan =
        Launch.of(
            "scanI32",
            List.of(histogram),
            List.of(histogram),
            Grid.covering(Grid.GROUP),
            starts,
            (g, id) ->
                g.task(
                    id,
                    Routing::scanI32,
                    new KernelContext(),
                    histogram.ints(),
                    histogram.offset(),
                    starts));
    Launch put =
        Launch.of(
            "placeI32",
            List.of(index, histogram),
            List.of(place, offsets),
            Grid.covering(starts),
            (double) slots * bins,
            (g, id) ->
                g.task(
                    id,
                    Routing::placeI32,
                    new KernelContext(),
                    index.ints(),
                    index.offset(),
                    histogram.ints(),
                    histogram.offset(),
                    place.ints(),
                    place.offset(),
                    offsets.ints(),
                    offsets.offset(),
                    slots,
                    bins,
                    pieces.count(),
                    pieces.length(),
                    inverse ? 1 : 0));
    return List.of(count, scan, put);
  }

  static Launch counts(Operands in) {
    Buffer offsets = in.in(0);
    Buffer y = in.out(0);
    return Launch.of(
        "countsI32",
        List.of(offsets),
        List.of(y),
        Grid.covering(y.size()),
        y.size(),
        (g, id) ->
            g.task(
                id,
                Routing::countsI32,
                new KernelContext(),
                offsets.ints(),
                offsets.offset(),
                y.floats(),
                y.offset(),
                y.size()));
  }
}
