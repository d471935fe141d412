package io.manifoldmuon.emulated;

import static io.manifoldmuon.emulated.Runs.counting;
import static io.manifoldmuon.emulated.Runs.grid;
import static io.manifoldmuon.emulated.Runs.once;
import static org.assertj.core.api.Assertions.assertThat;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.FIRST_EXECUTION;

import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat8;
import uk.ac.manchester.tornado.api.types.vectors.Float8;

/** Correct kernels give correct results. */
class ExecutionTest {
  /** A sum per group, by halves. */
  public static void sumOfGroup(KernelContext context, FloatArray x, FloatArray sums) {
    int local = context.localIdx;
    float[] part = context.allocateFloatLocalArray(64);
    part[local] = x.get(context.globalIdx);
    for (int stride = context.localGroupSizeX / 2; stride > 0; stride >>= 1) {
      context.localBarrier();
      if (local < stride) {
        part[local] += part[local + stride];
      }
    }
    if (local == 0) {
      sums.set(context.groupIdx, part[0]);
    }
  }

  @Test
  void barriersOrderAReduction() throws Exception {
    FloatArray sums = new FloatArray(3);
    FloatArray x = counting(192);
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(FIRST_EXECUTION, x)
            .task("t", ExecutionTest::sumOfGroup, new KernelContext(), x, sums)
            .transferToHost(EVERY_EXECUTION, sums);
    once(graph, grid(192, 64));
    // Σ 1…64, then 64 · 64 more per group.
    assertThat(sums.toHeapArray()).containsExactly(2080f, 2080f + 4096f, 2080f + 8192f);
  }

  /** out = a · b by tiles of 8×8. */
  public static void product(
      KernelContext context, FloatArray a, FloatArray b, FloatArray out, int n) {
    int x = context.localIdx;
    int y = context.localIdy;
    float[] tileA = context.allocateFloatLocalArray(64);
    float[] tileB = context.allocateFloatLocalArray(64);
    float sum = 0;
    for (int k = 0; k < n; k += 8) {
      tileA[y * 8 + x] = a.get(context.globalIdy * n + k + x);
      tileB[y * 8 + x] = b.get((k + y) * n + context.globalIdx);
      context.localBarrier();
      for (int i = 0; i < 8; i++) {
        sum += tileA[y * 8 + i] * tileB[i * 8 + x];
      }
      context.localBarrier();
    }
    out.set(context.globalIdy * n + context.globalIdx, sum);
  }

  @Test
  void localTilesGiveAProduct() throws Exception {
    int n = 24;
    FloatArray a = new FloatArray(n * n);
    FloatArray b = new FloatArray(n * n);
    for (int i = 0; i < n * n; i++) {
      a.set(i, i % 7 - 3);
      b.set(i, i % 5 - 2);
    }
    FloatArray out = new FloatArray(n * n);
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(EVERY_EXECUTION, a, b)
            .task("t", ExecutionTest::product, new KernelContext(), a, b, out, n)
            .transferToHost(EVERY_EXECUTION, out);
    once(graph, grid(n, n, 8, 8));
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        float sum = 0;
        for (int k = 0; k < n; k++) {
          sum += a.get(i * n + k) * b.get(k * n + j); // small whole numbers: exact in any order
        }
        assertThat(out.get(i * n + j)).as("[%d, %d]", i, j).isEqualTo(sum);
      }
    }
  }

  /** Every work-item writes down where it is. */
  public static void whereAmI(KernelContext context, IntArray out) {
    int at =
        (context.globalIdz * context.globalGroupSizeY + context.globalIdy)
                * context.globalGroupSizeX
            + context.globalIdx;
    int group = context.groupIdx + 10 * context.groupIdy + 100 * context.groupIdz;
    int local = context.localIdx + 10 * context.localIdy + 100 * context.localIdz;
    int sizes =
        context.localGroupSizeX + 10 * context.localGroupSizeY + 100 * context.localGroupSizeZ;
    out.set(at, (group * 1000 + local) * 1000 + sizes);
  }

  @Test
  void threeDimensionsHaveTheIndicesOfOpenCl() throws Exception {
    int[] global = {6, 4, 4};
    int[] local = {3, 2, 4};
    IntArray out = new IntArray(6 * 4 * 4);
    TaskGraph graph =
        new TaskGraph("g")
            .task("t", ExecutionTest::whereAmI, new KernelContext(), out)
            .transferToHost(EVERY_EXECUTION, out);
    once(graph, grid(global, local));
    for (int z = 0; z < 4; z++) {
      for (int y = 0; y < 4; y++) {
        for (int x = 0; x < 6; x++) {
          int group = x / 3 + 10 * (y / 2) + 100 * (z / 4);
          int inGroup = x % 3 + 10 * (y % 2) + 100 * (z % 4);
          assertThat(out.get((z * 4 + y) * 6 + x)).isEqualTo((group * 1000 + inGroup) * 1000 + 423);
        }
      }
    }
  }

  /** out = 2·x + y, eight at a time. */
  public static void vectors(
      KernelContext context, VectorFloat8 x, VectorFloat8 y, VectorFloat8 out) {
    int i = context.globalIdx;
    out.set(i, Float8.add(Float8.mult(x.get(i), 2f), y.get(i)));
  }

  @Test
  void vectorTypesComputeLaneByLane() throws Exception {
    VectorFloat8 x = new VectorFloat8(counting(32));
    VectorFloat8 y = new VectorFloat8(4);
    y.fill(0.5f);
    VectorFloat8 out = new VectorFloat8(4);
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(EVERY_EXECUTION, x, y)
            .task("t", ExecutionTest::vectors, new KernelContext(), x, y, out)
            .transferToHost(EVERY_EXECUTION, out);
    once(graph, grid(4, 2));
    for (int i = 0; i < 32; i++) {
      assertThat(out.getArray().get(i)).isEqualTo(2 * (i + 1) + 0.5f);
    }
  }

  /** Counts in three ways; the local counter is read after a barrier. */
  public static void count(
      KernelContext context, IntArray x, IntArray histogram, LongArray total, IntArray perGroup) {
    int[] counter = context.allocateIntLocalArray(1);
    if (context.localIdx == 0) {
      counter[0] = 0;
    }
    context.localBarrier();
    int value = x.get(context.globalIdx);
    context.atomicAdd(histogram, value, 1);
    context.atomicAdd(total, 0, (long) value);
    context.atomicAdd(counter, 0, value);
    context.localBarrier();
    if (context.localIdx == 0) {
      perGroup.set(context.groupIdx, counter[0]);
    }
  }

  @Test
  void atomicsAddUp() throws Exception {
    IntArray x = new IntArray(12);
    for (int i = 0; i < 12; i++) {
      x.set(i, i % 3);
    }
    IntArray histogram = new IntArray(3);
    LongArray total = new LongArray(1);
    IntArray perGroup = new IntArray(2);
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(EVERY_EXECUTION, x, histogram, total)
            .task("t", ExecutionTest::count, new KernelContext(), x, histogram, total, perGroup)
            .transferToHost(EVERY_EXECUTION, histogram, total, perGroup);
    once(graph, grid(12, 6));
    assertThat(histogram.toHeapArray()).containsExactly(4, 4, 4);
    assertThat(total.get(0)).isEqualTo(12);
    assertThat(perGroup.toHeapArray()).containsExactly(6, 6);
  }

  /** Rotates a row in place: all read, then all write. */
  public static void rotate(KernelContext context, FloatArray x) {
    int i = context.globalIdx;
    float next = x.get((i + 1) % context.globalGroupSizeX);
    context.globalBarrier();
    x.set(i, next);
  }

  @Test
  void aGlobalBarrierOrdersGlobalArraysOfOneGroup() throws Exception {
    FloatArray x = counting(8);
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(EVERY_EXECUTION, x)
            .task("t", ExecutionTest::rotate, new KernelContext(), x)
            .transferToHost(EVERY_EXECUTION, x);
    once(graph, grid(8, 8));
    assertThat(x.toHeapArray()).containsExactly(2, 3, 4, 5, 6, 7, 8, 1);
  }

  /** Private arrays, a helper that gets one, a loop that depends on data, switch, early return. */
  public static void language(KernelContext context, FloatArray x, FloatArray out, int n) {
    int i = context.globalIdx;
    if (i >= n) {
      return;
    }
    float[] tile = new float[4];
    for (int k = 0; k < 4; k++) {
      tile[k] = 0f;
    }
    float left = x.get(i);
    int turns = 0;
    while (left > 0) {
      left -= 3f;
      turns++;
    }
    switch (turns % 3) {
      case 0 -> tile[0] = 1;
      case 1 -> tile[1] = 10;
      default -> tile[2] = 100;
    }
    out.set(i, sum(tile) + TornadoMath.sqrt(0f));
  }

  private static float sum(float[] tile) {
    float sum = 0;
    for (int k = 0; k < 4; k++) {
      sum += tile[k];
    }
    return sum;
  }

  @Test
  void theLanguageOfKernelsWorks() throws Exception {
    FloatArray x = counting(7);
    FloatArray out = new FloatArray(7);
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(EVERY_EXECUTION, x)
            .task("t", ExecutionTest::language, new KernelContext(), x, out, 7)
            .transferToHost(EVERY_EXECUTION, out);
    once(graph, new WorkerGrid1D(9));
    assertThat(out.toHeapArray()).containsExactly(10, 10, 10, 100, 100, 100, 1);
  }

  /** A kernel without a KernelContext is one work-item. */
  public static void prefixSums(FloatArray x, FloatArray out) {
    float sum = 0;
    for (int i = 0; i < x.getSize(); i++) {
      sum += x.get(i);
      out.set(i, sum);
    }
  }

  @Test
  void aTaskWithoutContextRunsOnce() throws Exception {
    FloatArray x = counting(4);
    FloatArray out = new FloatArray(4);
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(EVERY_EXECUTION, x)
            .task("t", ExecutionTest::prefixSums, x, out)
            .transferToHost(EVERY_EXECUTION, out);
    try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
      plan.execute();
    }
    assertThat(out.toHeapArray()).containsExactly(1, 3, 6, 10);
  }

  @Test
  void aKernelIsAlsoPlainJava() {
    FloatArray x = counting(1);
    FloatArray out = new FloatArray(1);
    language(new KernelContext(), x, out, 1);
    assertThat(out.get(0)).isEqualTo(10);
  }

  /** Nested parallel loops, then an ordinary loop in the same slot of the frame. */
  public static void transpose(FloatArray x, FloatArray out, int rows, int columns) {
    for (@Parallel int i = 0; i < rows; i++) {
      for (@Parallel int j = 0; j < columns; j++) {
        out.set(j * rows + i, x.get(i * columns + j));
      }
    }
    int sum = 0;
    for (int i = 0; i < 4; i++) {
      sum += i;
    }
    if (sum != 6) {
      out.set(0, -1f);
    }
  }

  @Test
  void parallelLoopsRun() throws Exception {
    FloatArray x = counting(6);
    FloatArray out = new FloatArray(6);
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(EVERY_EXECUTION, x)
            .task("t", ExecutionTest::transpose, x, out, 2, 3)
            .transferToHost(EVERY_EXECUTION, out);
    try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
      plan.execute();
    }
    assertThat(out.toHeapArray()).containsExactly(1, 4, 2, 5, 3, 6);
  }

  /** Called so often as plain Java that the JVM compiles it, and drops its stack traces. */
  public static void worn(KernelContext context, FloatArray x) {
    int i = context.globalIdx;
    x.set(i, x.get(i) + 1f);
  }

  @Test
  void aKernelIsFoundThatTheJvmHasCompiled() throws Exception {
    FloatArray x = counting(2);
    KernelContext context = new KernelContext();
    int traces = 0;
    for (int i = 0; i < 200_000; i++) {
      try {
        worn(i % 2 == 0 ? null : context, x);
      } catch (NullPointerException e) {
        traces += e.getStackTrace().length == 0 ? 1 : 0;
      }
    }
    x.init(0);
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(EVERY_EXECUTION, x)
            .task("t", ExecutionTest::worn, new KernelContext(), x)
            .transferToHost(EVERY_EXECUTION, x);
    once(graph, grid(2, 2));
    assertThat(x.toHeapArray()).as("%d calls left no trace", traces).containsExactly(1, 1);
  }
}
