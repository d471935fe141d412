package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.TensorProducts;
import io.manifoldmuon.kernels.device.TiledProducts;
import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.ShapeException;
import io.manifoldmuon.linalg.engine.StoragePlan.Scratch;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.WorkerGrid3D;

/**
 * Launches of {@link TensorProducts}.
 *
 * @param packs memory for the packed operands, as {@link #scratch} asked for
 */
record TensorLaunches(List<Buffer> packs) {
  private static final int PACK_GROUP = 256;

  TensorLaunches {
    packs = List.copyOf(packs);
  }

  /** The memory for the packed operands of a product, of shapes by value. */
  static List<Scratch> scratch(Node n, IntFunction<Shape> shapes) {
    Shape a = shapes.apply(n.inputs().getFirst());
    Shape y = shapes.apply(n.outputs().getFirst());
    int inner =
        switch (n.op()) {
          case Op.MatMul o -> a.dim(o.transposeA() ? -2 : -1);
          case Op.Gram o -> a.dim(o.rows() ? -1 : -2);
          case Op.SymmetricMatMul _ -> a.dim(-1);
          default -> throw new IllegalArgumentException(n.where() + " is no product");
        };
    return scratch(y, inner);
  }

  /** The same for a product of a given result and number of terms. */
  static List<Scratch> scratch(Shape y, int k) {
    int count = y.size() / (y.dim(-2) * y.dim(-1));
    return Stream.of(y.dim(-2), y.dim(-1))
        .map(side -> new Scratch(DType.INT, Math.toIntExact((long) count * side * terms(k) / 2)))
        .toList();
  }

  private static int terms(int k) {
    return (k + TensorProducts.DEPTH - 1) / TensorProducts.DEPTH * TensorProducts.DEPTH;
  }

  /** Y = α·op(A)·op(B) + β·E + δ·I of each of a stack, A and B rounded to bfloat16. */
  List<Launch> stack(
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
    int count = y.size() / (m * n);
    int terms = terms(k);
    boolean transposeA = (form & TiledProducts.TRANSPOSE_A) != 0;
    boolean transposeB = (form & TiledProducts.TRANSPOSE_B) != 0;
    Buffer left = packs.getFirst();
    boolean same = a.startsWhere(b) && transposeA == transposeB && k == terms && m == k && n == k;
    Buffer right = same ? left : packs.getLast();
    List<Launch> launches = new ArrayList<>();
    launches.add(pack(a, left, new int[] {m, k, m, terms}, count, transposeA));
    if (!same) {
      launches.add(pack(b, right, new int[] {k, n, terms, n}, count, transposeB));
    }
    int[] places = {left.offset(), right.offset(), f.e().offset(), y.offset()};
    Buffer numbers = ProductLaunches.numbers(places, m, terms, n);
    List<Buffer> reads = Stream.of(numbers, left, right, f.e()).distinct().toList();
    int triangle = form & TiledProducts.TRIANGLE;
    float alpha = (float) f.alpha();
    float beta = (float) f.beta();
    float delta = (float) f.delta();
    launches.add(
        Launch.of(
                name,
                reads,
                List.of(y),
                grid(m, n, count),
                flops,
                (g, id) ->
                    g.task(
                        id,
                        TensorProducts::productTensorBF16,
                        new KernelContext(),
                        numbers.ints(),
                        left.ints(),
                        right.ints(),
                        f.e().floats(),
                        y.floats(),
                        triangle,
                        alpha,
                        beta,
                        delta))
            .with(numbers));
    return launches;
  }

  /**
   * Packs a stack of matrices.
   *
   * @param sizes rows and columns of what is packed, and how many there are room for
   */
  private static Launch pack(Buffer x, Buffer p, int[] sizes, int count, boolean transpose) {
    Buffer numbers = ProductLaunches.numbers(new int[] {x.offset(), p.offset()}, sizes);
    int form = transpose ? 1 : 0;
    int items = sizes[2] * sizes[3] / TensorProducts.COLUMNS;
    WorkerGrid grid = new WorkerGrid2D((items + PACK_GROUP - 1) / PACK_GROUP * PACK_GROUP, count);
    grid.setLocalWork(PACK_GROUP, 1, 1);
    return Launch.of(
            "packBF16",
            List.of(numbers, x),
            List.of(p),
            grid,
            0,
            (g, id) ->
                g.task(
                    id,
                    TensorProducts::packBF16,
                    new KernelContext(),
                    numbers.ints(),
                    x.floats(),
                    p.ints(),
                    form))
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
