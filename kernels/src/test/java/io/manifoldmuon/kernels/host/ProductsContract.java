package io.manifoldmuon.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.manifoldmuon.linalg.BFloat16;
import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.engine.StoragePlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * All product kernels against their definitions in float64. The tolerance of an element is that of
 * its sum in any order, (k + 3)·2⁻²⁴·Σ|terms|, twice that on tensor cores. Operands lie inside
 * larger arrays; what is around a result must stay.
 */
abstract class ProductsContract {
  private static final long SEED = 20251125;
  private static final float AROUND = -77.25f;

  /** Of an addition; tensor cores cut off where others round. */
  private static final double ROUNDOFF = 0x1.0p-24;

  private static final double CUTOFF = 0x1.0p-23;

  /** Sizes (count, m, k, n): 1, primes, a tile and one more and less, longer than a panel. */
  private static final int[][] SIZES = {
    {1, 1, 1, 1},
    {2, 3, 5, 7},
    {1, 9, 257, 33},
    {1, 63, 16, 65},
    {3, 32, 31, 64},
    {1, 65, 17, 1},
    {1, 130, 33, 129}
  };

  /** The same for tensor cores, which make whole fragments of 16 rows and 8 columns. */
  private static final int[][] TENSOR_SIZES = {
    {1, 16, 1, 8},
    {2, 16, 5, 24},
    {1, 48, 257, 72},
    {3, 32, 31, 64},
    {1, 128, 16, 128},
    {1, 144, 33, 136}
  };

  private static final int[][] GRAMS = {
    {1, 1, 1}, {2, 7, 5}, {1, 33, 257}, {1, 65, 9}, {1, 128, 16}, {1, 150, 20}
  };

  private static final int[][] TENSOR_GRAMS = {
    {1, 16, 1}, {2, 32, 5}, {1, 48, 48}, {1, 144, 33}, {1, 272, 20}
  };

  private static final int[][] OFFSETS = {
    {0, 1}, {0, 0, 5, 5, 12, 12}, {0, 17, 17, 83}, {0, 140, 150}
  };

  private int stream;

  /** The device; or the test is skipped, with the reason. */
  abstract TornadoDevice device();

  /** An element in float64: the exact value and the sum of the terms' magnitudes. */
  private record Truth(double value, double magnitude, int terms) {}

  /** Small groups for GPUs, which a device of very many units has, and large ones. */
  private enum Kernels {
    VECTOR,
    SMALL_TILES,
    LARGE_TILES,
    TENSOR_CORES
  }

  private interface Element {
    Truth at(int member, int row, int column);
  }

  @TestFactory
  Stream<DynamicTest> products() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Kernels kernels : Kernels.values()) {
      boolean tensor = kernels == Kernels.TENSOR_CORES;
      int[][] sizes = tensor ? TENSOR_SIZES : SIZES;
      for (int i = 0; i < sizes.length; i++) {
        int[] s = sizes[i];
        for (int t = 0; t < 4; t++) {
          if (i < 3 || t == i % 4) {
            boolean ta = (t & 1) != 0;
            boolean tb = (t & 2) != 0;
            add(
                tests,
                kernels + " " + Arrays.toString(s) + " " + ta + " " + tb,
                () -> matMul(kernels, s, ta, tb));
          }
        }
      }
      for (int[] s : tensor ? TENSOR_GRAMS : GRAMS) {
        for (boolean rows : new boolean[] {false, true}) {
          add(
              tests,
              kernels + " gram " + Arrays.toString(s) + " " + rows,
              () -> gram(kernels, s, rows));
        }
      }
      for (int[] o : tensor ? new int[0][] : OFFSETS) {
        add(
            tests,
            kernels + " grouped " + Arrays.toString(o),
            () -> grouped(launches(kernels, Shape.of(1, 1), 1), o, 33, 37));
      }
    }
    return tests.stream();
  }

  private static void add(List<DynamicTest> tests, String name, Runnable test) {
    tests.add(DynamicTest.dynamicTest(name, test::run));
  }

  /** The launches of a product of a given result and number of terms. */
  private ProductLaunches launches(Kernels kernels, Shape y, int k) {
    TornadoDevice device = device();
    return switch (kernels) {
      case VECTOR -> {
        assumeTrue(
            device.getTornadoVMBackend() != TornadoVMBackendType.CUDA,
            "CUDA has no vectors of 16 elements; these kernels are for CPUs");
        yield ProductLaunches.of(device, ProductKernels.VECTOR);
      }
      case SMALL_TILES -> new ProductLaunches(ProductKernels.TILED, Integer.MAX_VALUE, null);
      case LARGE_TILES -> new ProductLaunches(ProductKernels.TILED, 1, null);
      case TENSOR_CORES -> {
        assumeTrue(
            Runtimes.isEmulator() || TensorCores.isOn(device),
            "no tensor cores here: a CUDA device of compute capability 8.0 has them");
        yield new ProductLaunches(ProductKernels.TILED, 1, null)
            .onTensorCores(
                TensorLaunches.scratch(y, k).stream().map(ProductsContract::packs).toList());
      }
    };
  }

  /** Memory of numbers that are not: all that is multiplied has to be written first. */
  private static Buffer packs(StoragePlan.Scratch s) {
    IntArray array = new IntArray(s.elements());
    array.init(0x7FC07FC0);
    return new Buffer(array, 0, Shape.of(s.elements()));
  }

  private void matMul(Kernels kernels, int[] s, boolean ta, boolean tb) {
    int m = s[1];
    int k = s[2];
    int n = s[3];
    Buffer a = gaussian(16, s[0], ta ? k : m, ta ? m : k);
    Buffer b = gaussian(3, s[0], tb ? n : k, tb ? k : n);
    Buffer y = room(s[0], m, n);
    ProductLaunches p = launches(kernels, y.shape(), k);
    run(p.matMul(a, b, y, ta, tb), y);
    check(
        p,
        y,
        (z, i, j) -> {
          double sum = 0;
          double magnitude = 0;
          for (int q = 0; q < k; q++) {
            double x =
                (double) operand(p, at(a, z, ta ? q : i, ta ? i : q))
                    * operand(p, at(b, z, tb ? j : q, tb ? q : j));
            sum += x;
            magnitude += Math.abs(x);
          }
          return new Truth(sum, magnitude, k);
        });
  }

  private void gram(Kernels kernels, int[] s, boolean rows) {
    int n = s[1];
    int k = s[2];
    Buffer x = gaussian(0, s[0], rows ? n : k, rows ? k : n);
    Buffer e = gaussian(0, s[0], n, n);
    Buffer plain = room(s[0], n, n);
    Buffer sum = room(s[0], n, n);
    ProductLaunches p = launches(kernels, plain.shape(), k);
    run(p.gram(x, plain, rows), plain);
    run(p.gram(x, sum, rows, new ProductLaunches.Finish(-1.5, 0.75, 2, e)), sum);
    check(p, plain, (z, i, j) -> gram(p, x, k, rows, z, i, j));
    check(
        p,
        sum,
        (z, i, j) -> {
          Truth t = gram(p, x, k, rows, z, i, j);
          double other = 0.75 * at(e, z, i, j);
          double identity = i == j ? 2 : 0;
          return new Truth(
              -1.5 * t.value + other + identity,
              1.5 * t.magnitude + Math.abs(other) + identity,
              k + 3);
        });
    for (int z = 0; z < s[0]; z++) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < i; j++) {
          assertThat(at(plain, z, i, j))
              .as("symmetry of (%d, %d)", i, j)
              .isEqualTo(at(plain, z, j, i));
        }
      }
    }
  }

  private static Truth gram(ProductLaunches p, Buffer x, int k, boolean rows, int z, int i, int j) {
    double sum = 0;
    double magnitude = 0;
    for (int q = 0; q < k; q++) {
      double t =
          (double) operand(p, at(x, z, rows ? i : q, rows ? q : i))
              * operand(p, at(x, z, rows ? j : q, rows ? q : j));
      sum += t;
      magnitude += Math.abs(t);
    }
    return new Truth(sum, magnitude, k);
  }

  /** An element as the kernels take it. */
  private static float operand(ProductLaunches p, float x) {
    return p.tensor() != null ? BFloat16.round(x) : x;
  }

  private void grouped(ProductLaunches p, int[] offsets, int k, int n) {
    int experts = offsets.length - 1;
    int rows = offsets[experts];
    Buffer x = gaussian(1, 1, rows, k);
    Buffer dy = gaussian(16, 1, rows, n);
    Buffer o = new Buffer(IntArray.fromArray(offsets), 0, Shape.of(experts + 1));
    for (boolean transpose : new boolean[] {false, true}) {
      Buffer w = gaussian(32, experts, transpose ? n : k, transpose ? k : n);
      Buffer y = room(1, rows, n);
      run(p.groupedMatMul(flat(x), w, o, flat(y), transpose), y);
      check(
          p,
          y,
          (_, i, j) -> {
            int e = 0;
            while (offsets[e + 1] <= i) {
              e++;
            }
            double sum = 0;
            double magnitude = 0;
            for (int q = 0; q < k; q++) {
              double t = (double) at(x, 0, i, q) * at(w, e, transpose ? j : q, transpose ? q : j);
              sum += t;
              magnitude += Math.abs(t);
            }
            return new Truth(sum, magnitude, k);
          });
    }
    Buffer y = room(experts, k, n);
    run(p.groupedOuter(flat(x), flat(dy), o, y), y);
    check(
        p,
        y,
        (e, i, j) -> {
          double sum = 0;
          double magnitude = 0;
          for (int r = offsets[e]; r < offsets[e + 1]; r++) {
            double t = (double) at(x, 0, r, i) * at(dy, 0, r, j);
            sum += t;
            magnitude += Math.abs(t);
          }
          return new Truth(sum, magnitude, rows);
        });
  }

  // ---- operands -----------------------------------------------------------------------------

  private Buffer gaussian(int offset, int count, int rows, int columns) {
    FloatArray array = new FloatArray(offset + count * rows * columns);
    stream++;
    for (int i = 0; i < array.getSize(); i++) {
      array.set(i, (float) CounterRandom.gaussian(SEED, stream, i));
    }
    return new Buffer(array, offset, Shape.of(count, rows, columns));
  }

  /** A place for a result, in the middle of an array. */
  private static Buffer room(int count, int rows, int columns) {
    int size = count * rows * columns;
    FloatArray array = new FloatArray(size + 48);
    array.init(AROUND);
    return new Buffer(array, columns % 16 == 0 ? 16 : 7, Shape.of(count, rows, columns));
  }

  private static Buffer flat(Buffer x) {
    return x.view(0, Shape.of(x.shape().dim(1), x.shape().dim(2)));
  }

  private static float at(Buffer x, int member, int row, int column) {
    Shape s = x.shape();
    return x.floats().get(x.offset() + (member * s.dim(1) + row) * s.dim(2) + column);
  }

  // ---- running ------------------------------------------------------------------------------

  private void run(Launch launch, Buffer y) {
    run(List.of(launch), y);
  }

  private void run(List<Launch> launches, Buffer y) {
    TornadoDevice device = device();
    Set<Object> arrays = new LinkedHashSet<>();
    for (Launch launch : launches) {
      LaunchLimits.of(device).check(launch);
      launch.reads().forEach(b -> arrays.add(b.array()));
      launch.writes().forEach(b -> arrays.add(b.array()));
    }
    TaskGraph graph = new TaskGraph("products" + stream);
    graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, arrays.toArray());
    // what is only written is not sent, and the elements around the result are to stay as they are
    graph.task("keep", ProductsContract::keep, new KernelContext(), y.floats());
    GridScheduler grids = new GridScheduler();
    for (int i = 0; i < launches.size(); i++) {
      launches.get(i).addTo(graph, "t" + i);
      grids.addWorkerGrid(graph.getTaskGraphName() + ".t" + i, launches.get(i).grid());
    }
    graph.transferToHost(DataTransferMode.EVERY_EXECUTION, y.array());
    try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
      plan.withDevice(device);
      grids.addWorkerGrid(graph.getTaskGraphName() + ".keep", Grid.covering(1, 1));
      plan.withGridScheduler(grids);
      plan.execute();
    } catch (TornadoExecutionPlanException e) {
      throw new IllegalStateException(launches.getLast().name() + ": the plan failed", e);
    }
  }

  /** Touches the array. */
  public static void keep(KernelContext c, FloatArray x) {
    if (c.globalIdx == 0) {
      x.set(0, x.get(0));
    }
  }

  private static void check(ProductLaunches p, Buffer y, Element truth) {
    Shape s = y.shape();
    for (int i = 0; i < y.floats().getSize(); i++) {
      float got = y.floats().get(i);
      int place = i - y.offset();
      if (place < 0 || place >= y.size()) {
        assertThat(got).as("element %d, which is not the result's", i).isEqualTo(AROUND);
      } else {
        int member = place / (s.dim(1) * s.dim(2));
        int row = place / s.dim(2) % s.dim(1);
        int column = place % s.dim(2);
        Truth t = truth.at(member, row, column);
        double tolerance = (t.terms + 3) * (p.tensor() != null ? CUTOFF : ROUNDOFF) * t.magnitude;
        assertThat(Math.abs(got - t.value))
            .as("element (%d, %d, %d): %s, wanted %s", member, row, column, got, t.value)
            .isLessThanOrEqualTo(tolerance);
      }
    }
  }
}
