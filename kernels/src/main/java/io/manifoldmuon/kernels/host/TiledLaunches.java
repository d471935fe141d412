package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.TiledProducts;
import java.util.List;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid3D;

/**
 * Launches of {@link TiledProducts}.
 *
 * @param units the compute units of the device: large groups are taken where there are as many
 */
record TiledLaunches(int units) {

  /** Y = α·op(A)·op(B) + β·E + δ·I of each of a stack. */
  Launch stack(
      String name,
      Buffer a,
      Buffer b,
      Buffer y,
      int k,
      int form,
      ProductLaunches.Finish f,
      double flops) {
    int m = y.shape().dim(-2);
    int n = y.shape().dim(-1);
    int count = y.size() / (m * n);
    return launch(name, a, b, null, y, new int[] {m, k, n, 0}, count, form, f, flops);
  }

  /**
   * y[r] = x[r]·op(W[e]) for the rows r of each expert e.
   *
   * @param sizes rows, k, n, experts
   */
  Launch rows(String name, Buffer x, Buffer w, Buffer offsets, Buffer y, int[] sizes, int form) {
    ProductLaunches.Finish none = ProductLaunches.Finish.none(x);
    double flops = 2.0 * x.size() * sizes[2];
    return launch(name, x, w, offsets, y, sizes, 1, form | TiledProducts.GROUPED, none, flops);
  }

  /** Y[e] = AᵀB over the rows of each expert e. */
  Launch outer(String name, Buffer a, Buffer b, Buffer offsets, Buffer y) {
    int experts = y.shape().dim(0);
    int n = y.shape().dim(2);
    int[] sizes = {y.shape().dim(1), 0, n, experts};
    ProductLaunches.Finish none = ProductLaunches.Finish.none(a);
    double flops = 2.0 * a.size() * n;
    return launch(name, a, b, offsets, y, sizes, experts, TiledProducts.OUTER, none, flops);
  }

  /**
   * A launch.
   *
   * @param offsets the row ranges of the experts, or null
   * @param sizes m, k, n and the experts, as the kernel has them
   * @param count the members of the stack
   */
  private Launch launch(
      String name,
      Buffer a,
      Buffer b,
      Buffer offsets,
      Buffer y,
      int[] sizes,
      int count,
      int form,
      ProductLaunches.Finish f,
      double flops) {
    int begin = offsets == null ? 0 : offsets.offset();
    int[] places = {a.offset(), b.offset(), f.e().offset(), y.offset(), begin};
    Buffer numbers = ProductLaunches.numbers(places, sizes);
    Buffer ranges = offsets == null ? numbers : offsets;
    List<Buffer> reads = Stream.of(numbers, a, b, f.e(), ranges).distinct().toList();
    // each expert may end in a tile that is not full
    int experts = (form & TiledProducts.GROUPED) != 0 ? sizes[3] : 0;
    WorkerGrid large = tiles(TiledProducts.LARGE, sizes[0], sizes[2], experts, count);
    int side = groups(large) >= units ? TiledProducts.LARGE : TiledProducts.SMALL;
    float alpha = (float) f.alpha();
    float beta = (float) f.beta();
    float delta = (float) f.delta();
    return Launch.of(
            name,
            reads,
            List.of(y),
            side == TiledProducts.LARGE ? large : tiles(side, sizes[0], sizes[2], experts, count),
            flops,
            (g, id) ->
                g.task(
                    id,
                    TiledProducts::productTiledF32,
                    new KernelContext(),
                    numbers.ints(),
                    a.floats(),
                    b.floats(),
                    f.e().floats(),
                    y.floats(),
                    ranges.ints(),
                    form,
                    side,
                    alpha,
                    beta,
                    delta))
        .with(numbers);
  }

  private static WorkerGrid tiles(int side, int m, int n, int experts, int count) {
    int tile = TiledProducts.BLOCK * side;
    int rows = (m + tile - 1) / tile + experts;
    WorkerGrid grid = new WorkerGrid3D(side * ((n + tile - 1) / tile), side * rows, count);
    grid.setLocalWork(side, side, 1);
    return grid;
  }

  private static long groups(WorkerGrid grid) {
    long groups = 1;
    for (int d = 0; d < grid.dimension(); d++) {
      groups *= grid.getGlobalWork()[d] / grid.getLocalWork()[d];
    }
    return groups;
  }
}
