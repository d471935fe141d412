package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.TensorProducts;
import io.manifoldmuon.linalg.ShapeException;
import java.util.List;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid3D;

/** Launches of {@link TensorProducts}. */
final class TensorLaunches {
  private TensorLaunches() {}

  /** Y = α·op(A)·op(B) + β·E + δ·I of each of a stack, A and B rounded to bfloat16. */
  static Launch stack(
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
    if (m % TensorProducts.ROWS != 0 || n % TensorProducts.COLUMNS != 0) {
      throw new ShapeException(
          name
              + ": result "
              + y.shape()
              + " given, wanted multiples of "
              + TensorProducts.ROWS
              + " rows and "
              + TensorProducts.COLUMNS
              + " columns; use the kernels in float32");
    }
    int[] places = {a.offset(), b.offset(), f.e().offset(), y.offset()};
    Buffer numbers = ProductLaunches.numbers(places, m, k, n);
    List<Buffer> reads = Stream.of(numbers, a, b, f.e()).distinct().toList();
    float alpha = (float) f.alpha();
    float beta = (float) f.beta();
    float delta = (float) f.delta();
    return Launch.of(
            name,
            reads,
            List.of(y),
            grid(m, n, y.size() / (m * n)),
            flops,
            (g, id) ->
                g.task(
                    id,
                    TensorProducts::productTensorBF16,
                    new KernelContext(),
                    numbers.ints(),
                    a.floats(),
                    b.floats(),
                    f.e().floats(),
                    y.floats(),
                    form,
                    alpha,
                    beta,
                    delta))
        .with(numbers);
  }

  private static WorkerGrid grid(int m, int n, int count) {
    int columns = (n + TensorProducts.TILE - 1) / TensorProducts.TILE;
    int rows = (m + TensorProducts.TILE - 1) / TensorProducts.TILE;
    WorkerGrid grid = new WorkerGrid3D(TensorProducts.ITEMS * columns, rows, count);
    grid.setLocalWork(TensorProducts.ITEMS, 1, 1);
    return grid;
  }
}
