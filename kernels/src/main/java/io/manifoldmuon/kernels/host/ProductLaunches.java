package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.VectorProducts;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid3D;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Launches of matrix products: of {@link VectorProducts}, or for GPUs by {@link TiledLaunches}.
 *
 * @param kernels the family
 * @param units the compute units of the device, among which products are divided
 * @param tensor the launches that round the operands to bfloat16 and let tensor cores multiply, if
 *     these are to be taken, or null
 */
public record ProductLaunches(ProductKernels kernels, int units, TensorLaunches tensor) {
  /** Rows that a work-item of the vector products makes at least, where there are as many. */
  private static final int LEAST_SPAN = 64;

  /** The elements of A that a work-item may read: what the second cache of a core holds. */
  private static final int NEAR = 1 << 18;

  /** Groups a compute unit, so that none waits long for the last. */
  private static final int GROUPS_A_UNIT = 8;

  /** What is done to a product P before it is written: α·P + β·E + δ·I. */
  record Finish(double alpha, double beta, double delta, Buffer e) {
    static Finish none(Buffer any) {
      return new Finish(1, 0, 0, any);
    }
  }

  /** The launches that suit a device. */
  public static ProductLaunches of(TornadoDevice device) {
    return of(device, ProductKernels.of(device));
  }

  /** The launches of one family on a device. */
  public static ProductLaunches of(TornadoDevice device, ProductKernels kernels) {
    return new ProductLaunches(
        kernels, Math.max(1, device.getPhysicalDevice().getDeviceMaxComputeUnits()), null);
  }

  /** The same for a product of rounded operands, with memory for these. */
  ProductLaunches onTensorCores(List<Buffer> packs) {
    return new ProductLaunches(kernels, units, new TensorLaunches(packs));
  }

  /**
   * The elements of a value that one group of work-items may read for a few sums: on a CPU, where
   * it takes no longer than a launch; on a GPU, where a sum is one work-item's, none.
   */
  int mostRead() {
    return switch (kernels) {
      case TILED -> 0;
      case VECTOR -> 16_384;
    };
  }

  // ---- ops ----------------------------------------------------------------------------------

  List<Launch> matMul(Operands in, Op.MatMul op) {
    return matMul(in.in(0), in.in(1), in.out(0), op.transposeA(), op.transposeB());
  }

  List<Launch> gram(Operands in, Op.Gram op) {
    return gram(in.in(0), in.out(0), op.rows());
  }

  List<Launch> symmetricMatMul(Operands in) {
    return symmetricMatMul(in.in(0), in.in(1), in.out(0));
  }

  Launch groupedMatMul(Operands in, Op.GroupedMatMul op) {
    return groupedMatMul(in.in(0), in.in(1), in.in(2), in.out(0), op.transposeW());
  }

  Launch groupedOuter(Operands in) {
    return groupedOuter(in.in(0), in.in(1), in.in(2), in.out(0));
  }

  // ---- launches -----------------------------------------------------------------------------

  /** Y = op(A)·op(B) of each of a stack. */
  public List<Launch> matMul(Buffer a, Buffer b, Buffer y, boolean transposeA, boolean transposeB) {
    return matMul(a, b, y, transposeA, transposeB, Finish.none(a));
  }

  List<Launch> matMul(
      Buffer a, Buffer b, Buffer y, boolean transposeA, boolean transposeB, Finish finish) {
    int form =
        (transposeA ? VectorProducts.TRANSPOSE_A : 0)
            | (transposeB ? VectorProducts.TRANSPOSE_B : 0);
    int k = a.shape().dim(transposeA ? -2 : -1);
    return product("matMul", a, b, y, k, form, 2.0 * y.size() * k, finish);
  }

  /** S = XᵀX, or XXᵀ with {@code rows}, of each of a stack, exactly symmetric. */
  public List<Launch> gram(Buffer x, Buffer y, boolean rows) {
    return gram(x, y, rows, Finish.none(x));
  }

  List<Launch> gram(Buffer x, Buffer y, boolean rows, Finish finish) {
    int form =
        VectorProducts.TRIANGLE | (rows ? VectorProducts.TRANSPOSE_B : VectorProducts.TRANSPOSE_A);
    int k = x.shape().dim(rows ? -1 : -2);
    return product("gram", x, x, y, k, form, triangle(y, k), finish);
  }

  /** S = AB of each of a stack, where that is symmetric; made exactly so. */
  public List<Launch> symmetricMatMul(Buffer a, Buffer b, Buffer y) {
    return symmetricMatMul(a, b, y, Finish.none(a));
  }

  List<Launch> symmetricMatMul(Buffer a, Buffer b, Buffer y, Finish finish) {
    int k = a.shape().dim(-1);
    return product("symmetricMatMul", a, b, y, k, VectorProducts.TRIANGLE, triangle(y, k), finish);
  }

  /** The flops of the lower triangles of y. */
  private static double triangle(Buffer y, int k) {
    int n = y.shape().dim(-1);
    return (double) y.size() / n * (n + 1) * k;
  }

  /** Groups in the third dimension are members of the stack: on GPUs more launches for more. */
  private List<Launch> product(
      String op, Buffer a, Buffer b, Buffer y, int k, int form, double flops, Finish f) {
    int count = y.size() / (y.shape().dim(-2) * y.shape().dim(-1));
    if (kernels == ProductKernels.VECTOR || count <= LaunchLimits.GROUPS_OF_GPU) {
      return stack(op, a, b, y, k, form, flops, f);
    }
    List<Launch> launches = new ArrayList<>();
    for (int from = 0; from < count; from += LaunchLimits.GROUPS_OF_GPU) {
      int n = Math.min(LaunchLimits.GROUPS_OF_GPU, count - from);
      Finish finish = new Finish(f.alpha, f.beta, f.delta, members(f.e, from, n, count));
      launches.addAll(
          stack(
              op,
              members(a, from, n, count),
              members(b, from, n, count),
              members(y, from, n, count),
              k,
              form,
              flops * n / count,
              finish));
    }
    return launches;
  }

  private static Buffer members(Buffer x, int from, int n, int count) {
    int size = x.size() / count;
    return x.view(from * size, Shape.of(n, x.shape().dim(-2), x.shape().dim(-1)));
  }

  private List<Launch> stack(
      String op, Buffer a, Buffer b, Buffer y, int k, int form, double flops, Finish f) {
    int m = y.shape().dim(-2);
    int n = y.shape().dim(-1);
    int count = y.size() / (m * n);
    List<Buffer> reads = f.beta == 0 ? List.of(a, b) : List.of(a, b, f.e);
    String name = op + (f.equals(Finish.none(f.e)) ? "" : "Sum") + suffix();
    if (tensor != null) {
      return tensor.stack(name, a, b, y, k, form, f, flops);
    }
    float alpha = (float) f.alpha;
    float beta = (float) f.beta;
    float delta = (float) f.delta;
    return switch (kernels) {
      case TILED -> List.of(new TiledLaunches(units).stack(name, a, b, y, k, form, f, flops));
      case VECTOR -> {
        int span = span(m, k, columns(n) * count);
        int[] places = {a.offset(), b.offset(), f.e.offset(), y.offset()};
        Buffer numbers = numbers(places, count, m, k, n, form, span);
        Launch launch =
            Launch.of(
                    name,
                    with(numbers, reads),
                    List.of(y),
                    single(columns(n), (m + span - 1) / span, count),
                    flops,
                    (g, id) ->
                        g.task(
                            id,
                            VectorProducts::productVectorF32,
                            new KernelContext(),
                            numbers.ints(),
                            a.floats(),
                            b.floats(),
                            f.e.floats(),
                            y.floats(),
                            alpha,
                            beta,
                            delta))
                .with(numbers);
        yield List.of(launch.by(MatrixStep.product(a, b, y, k, form, f)));
      }
    };
  }

  /** y[r] = x[r]·op(W[e]) for the rows r of each expert e. */
  public Launch groupedMatMul(Buffer x, Buffer w, Buffer offsets, Buffer y, boolean transposeW) {
    int rows = y.shape().dim(0);
    int n = y.shape().dim(1);
    int k = x.shape().dim(1);
    int experts = w.shape().dim(0);
    int form = transposeW ? VectorProducts.TRANSPOSE_B : 0;
    String name = "groupedMatMul" + suffix();
    double flops = 2.0 * x.size() * n;
    return switch (kernels) {
      case TILED ->
          new TiledLaunches(units)
              .rows(name, x, w, offsets, y, new int[] {rows, k, n, experts}, form);
      case VECTOR -> {
        int span = span((rows + experts - 1) / experts, k, columns(n) * experts);
        // every expert may end in a part that is not full
        WorkerGrid grid = single(columns(n), (rows + span - 1) / span + experts, 1);
        yield grouped(name, x, w, offsets, y, new int[] {k, n, experts, form, span}, grid, flops);
      }
    };
  }

  /** Y[e] = AᵀB over the rows of each expert e. */
  public Launch groupedOuter(Buffer a, Buffer b, Buffer offsets, Buffer y) {
    int experts = y.shape().dim(0);
    int m = y.shape().dim(1);
    int n = y.shape().dim(2);
    String name = "groupedOuter" + suffix();
    double flops = 2.0 * a.size() * n;
    return switch (kernels) {
      case TILED -> new TiledLaunches(units).outer(name, a, b, offsets, y);
      case VECTOR -> {
        int span = span(m, a.shape().dim(0) / experts, columns(n) * experts);
        int[] dims = {m, n, experts, VectorProducts.OUTER, span};
        WorkerGrid grid = single(columns(n), (m + span - 1) / span, experts);
        yield grouped(name, a, b, offsets, y, dims, grid, flops);
      }
    };
  }

  /** A grouped product; dims are inner, n, experts, form, span. */
  private static Launch grouped(
      String name,
      Buffer a,
      Buffer b,
      Buffer offsets,
      Buffer y,
      int[] dims,
      WorkerGrid grid,
      double flops) {
    int[] places = {a.offset(), b.offset(), offsets.offset(), y.offset()};
    Buffer numbers = numbers(places, dims);
    return Launch.of(
            name,
            List.of(numbers, a, b, offsets),
            List.of(y),
            grid,
            flops,
            (g, id) ->
                g.task(
                    id,
                    VectorProducts::groupedVectorF32,
                    new KernelContext(),
                    numbers.ints(),
                    a.floats(),
                    b.floats(),
                    offsets.ints(),
                    y.floats()))
        .with(numbers);
  }

  /**
   * Places and sizes as data, so that products of one kind, in whichever layer, are one code: these
   * kernels are long to compile.
   */
  static Buffer numbers(int[] places, int... sizes) {
    int[] all = IntStream.concat(IntStream.of(places), IntStream.of(sizes)).toArray();
    return new Buffer(IntArray.fromArray(all), 0, Shape.of(all.length));
  }

  private static List<Buffer> with(Buffer numbers, List<Buffer> reads) {
    return Stream.concat(Stream.of(numbers), reads.stream()).toList();
  }

  // ---- grids --------------------------------------------------------------------------------

  private String suffix() {
    if (tensor != null) {
      return "TensorBF16";
    }
    return kernels == ProductKernels.TILED ? "TiledF32" : "VectorF32";
  }

  private static int columns(int n) {
    return (n + VectorProducts.COLUMNS - 1) / VectorProducts.COLUMNS;
  }

  private static WorkerGrid single(int x, int y, int z) {
    WorkerGrid grid = new WorkerGrid3D(x, y, z);
    grid.setLocalWork(1, 1, 1);
    return grid;
  }

  /**
   * The rows of a work-item: as many as leave enough groups, as each lays out its columns of B
   * anew, and no more than keep their part of A near for the groups of the next columns; a multiple
   * of the columns, so that a block on the diagonal of a triangle is in one.
   */
  private int span(int rows, int k, int others) {
    int parts = Math.max(1, GROUPS_A_UNIT * units / others);
    int most = Math.max(LEAST_SPAN, NEAR / Math.max(k, 1));
    int span = Math.clamp((rows + parts - 1) / parts, LEAST_SPAN, most);
    int unit = VectorProducts.COLUMNS;
    return (Math.min(span, Math.max(rows, 1)) + unit - 1) / unit * unit;
  }
}
