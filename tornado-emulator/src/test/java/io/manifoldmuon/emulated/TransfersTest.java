package io.manifoldmuon.emulated;

import static io.manifoldmuon.emulated.Runs.counting;
import static io.manifoldmuon.emulated.Runs.grid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.FIRST_EXECUTION;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.UNDER_DEMAND;

import io.manifoldmuon.emulator.EmulatorException;
import io.manifoldmuon.emulator.Fault;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Host and device have memories of their own, and a plan knows what lies where. */
class TransfersTest {
  public static void addOne(KernelContext context, FloatArray x) {
    int i = context.globalIdx;
    x.set(i, x.get(i) + 1f);
  }

  public static void scale(KernelContext context, FloatArray x, float factor) {
    int i = context.globalIdx;
    x.set(i, x.get(i) * factor);
  }

  private static TornadoExecutionPlan plan(TaskGraph... graphs) {
    GridScheduler grids = new GridScheduler();
    for (TaskGraph graph : graphs) {
      grids.addWorkerGrid(graph.getTaskGraphName() + ".t", grid(4, 2));
    }
    var snapshots =
        Arrays.stream(graphs).map(TaskGraph::snapshot).toArray(ImmutableTaskGraph[]::new);
    return new TornadoExecutionPlan(snapshots).withGridScheduler(grids);
  }

  private static TaskGraph adder(FloatArray x) {
    return new TaskGraph("add").task("t", TransfersTest::addOne, new KernelContext(), x);
  }

  @Test
  void stateStaysOnTheDeviceUntilItIsAskedFor() throws Exception {
    FloatArray x = counting(4);
    TaskGraph graph = adder(x).transferToDevice(FIRST_EXECUTION, x).transferToHost(UNDER_DEMAND, x);
    try (TornadoExecutionPlan plan = plan(graph)) {
      plan.execute();
      TornadoExecutionResult result = plan.execute();
      assertThat(x.toHeapArray()).as("not asked for").containsExactly(1, 2, 3, 4);
      result.transferToHost(x);
      assertThat(x.toHeapArray()).containsExactly(3, 4, 5, 6);
      plan.execute();
      assertThat(x.get(0)).as("a copy, not the device's memory").isEqualTo(3);
      assertThat(plan.getCurrentDeviceMemoryUsage()).isEqualTo(16);
    }
  }

  @Test
  void warmUpExecutes() throws Exception {
    FloatArray x = counting(4);
    TaskGraph graph = adder(x).transferToDevice(FIRST_EXECUTION, x).transferToHost(UNDER_DEMAND, x);
    try (TornadoExecutionPlan plan = plan(graph)) {
      plan.withWarmUpIterations(3).execute().transferToHost(x);
      assertThat(x.get(0)).isEqualTo(5);
    }
  }

  @Test
  void everyExecutionSendsWhatTheHostChanged() throws Exception {
    FloatArray x = counting(4);
    TaskGraph graph =
        adder(x).transferToDevice(EVERY_EXECUTION, x).transferToHost(EVERY_EXECUTION, x);
    try (TornadoExecutionPlan plan = plan(graph)) {
      plan.execute();
      x.init(10);
      plan.execute();
      assertThat(x.get(3)).isEqualTo(11);
    }
  }

  @Test
  void hostDataThatIsNotSentAgainIsStale() throws Exception {
    FloatArray x = counting(4);
    TaskGraph graph = adder(x).transferToDevice(FIRST_EXECUTION, x).transferToHost(UNDER_DEMAND, x);
    try (TornadoExecutionPlan plan = plan(graph)) {
      plan.execute().transferToHost(x);
      plan.execute();
      x.set(2, -7);
      EmulatorException e = catchThrowableOfType(EmulatorException.class, plan::execute);
      assertThat(e.fault()).isEqualTo(Fault.STALE);
      assertThat(e).hasMessageContainingAll("graph add", "FloatArray of 4", "FIRST_EXECUTION");
    }
  }

  @Test
  void staleDataIsSeenThroughTheSegmentToo() throws Exception {
    FloatArray x = counting(4);
    TaskGraph graph = adder(x).transferToDevice(FIRST_EXECUTION, x);
    try (TornadoExecutionPlan plan = plan(graph)) {
      plan.execute();
      x.getSegment().fill((byte) 1);
      assertThat(catchThrowableOfType(EmulatorException.class, plan::execute).fault())
          .isEqualTo(Fault.STALE);
    }
  }

  @Test
  void graphsOfAPlanHandArraysOn() throws Exception {
    FloatArray x = counting(4);
    TaskGraph first = adder(x).transferToDevice(FIRST_EXECUTION, x).persistOnDevice(x);
    TaskGraph second =
        new TaskGraph("scale")
            .consumeFromDevice("add", x)
            .task("t", TransfersTest::scale, new KernelContext(), x, 10f)
            .persistOnDevice(x)
            .transferToHost(UNDER_DEMAND, x);
    try (TornadoExecutionPlan plan = plan(first, second)) {
      for (int i = 0; i < 2; i++) {
        plan.withGraph(0).execute();
        plan.withGraph(1).execute().transferToHost(x);
      }
      assertThat(x.toHeapArray()).containsExactly(210, 310, 410, 510); // ((n + 1)·10 + 1)·10

      EmulatorException e = catchThrowableOfType(EmulatorException.class, plan::execute);
      assertThat(e.fault()).as("the last one ran without its producer").isEqualTo(Fault.TRANSFER);
      assertThat(e).hasMessageContainingAll("immediately before", "scale");
    }
  }

  @Test
  void anArrayThatWasNotLeftCannotBeConsumed() throws Exception {
    FloatArray x = counting(4);
    TaskGraph first = adder(x).transferToDevice(FIRST_EXECUTION, x);
    TaskGraph second =
        new TaskGraph("scale")
            .consumeFromDevice("add", x)
            .task("t", TransfersTest::scale, new KernelContext(), x, 10f);
    try (TornadoExecutionPlan plan = plan(first, second)) {
      EmulatorException e = catchThrowableOfType(EmulatorException.class, plan::execute);
      assertThat(e.fault()).isEqualTo(Fault.TRANSFER);
      assertThat(e).hasMessageContaining("persistOnDevice");
    }
  }

  @Test
  void plansShareNothing() throws Exception {
    FloatArray x = counting(4);
    TaskGraph sends = adder(x).transferToDevice(FIRST_EXECUTION, x).persistOnDevice(x);
    TaskGraph reads =
        new TaskGraph("scale").task("t", TransfersTest::scale, new KernelContext(), x, 10f);
    try (TornadoExecutionPlan one = plan(sends);
        TornadoExecutionPlan other = plan(reads)) {
      one.execute();
      assertThat(catchThrowableOfType(EmulatorException.class, other::execute).fault())
          .isEqualTo(Fault.UNDEFINED);
    }
  }

  @Test
  void anArrayThatIsNotOnTheDeviceCannotBeFetched() throws Exception {
    FloatArray x = counting(4);
    try (TornadoExecutionPlan plan = plan(adder(x).transferToDevice(FIRST_EXECUTION, x))) {
      TornadoExecutionResult result = plan.execute();
      EmulatorException e =
          catchThrowableOfType(
              EmulatorException.class, () -> result.transferToHost(new FloatArray(4)));
      assertThat(e.fault()).isEqualTo(Fault.TRANSFER);
    }
  }

  public static void writesFirst(KernelContext context, FloatArray x, IntArray y) {
    if (context.globalIdx == 0) {
      x.set(0, 5f);
      y.set(0, 5);
    }
  }

  @Test
  void whatNobodyWroteArrivesAsNonsense() throws Exception {
    FloatArray x = new FloatArray(2);
    IntArray y = new IntArray(2);
    TaskGraph graph =
        new TaskGraph("g")
            .task("t", TransfersTest::writesFirst, new KernelContext(), x, y)
            .transferToHost(EVERY_EXECUTION, x, y);
    Runs.once(graph, grid(2, 2));
    assertThat(x.toHeapArray()).containsExactly(5f, Float.NaN);
    assertThat(y.toHeapArray()).containsExactly(5, -1);
  }

  @Test
  void taskWithoutAGrid() throws Exception {
    FloatArray x = counting(4);
    TaskGraph graph = adder(x).transferToDevice(FIRST_EXECUTION, x);
    try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
      EmulatorException e = catchThrowableOfType(EmulatorException.class, plan::execute);
      assertThat(e.fault()).isEqualTo(Fault.GRID);
      assertThat(e).hasMessageContainingAll("add.t", "TransfersTest.addOne", "no grid");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"t", "add.T", "other.t", "add.t "})
  void gridOfNoTask(String name) throws Exception {
    FloatArray x = counting(4);
    TaskGraph graph = adder(x).transferToDevice(FIRST_EXECUTION, x);
    try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
      GridScheduler grids = new GridScheduler(name, grid(4, 2));
      EmulatorException e =
          catchThrowableOfType(EmulatorException.class, () -> plan.withGridScheduler(grids));
      assertThat(e.fault()).isEqualTo(Fault.GRID);
      assertThat(e).hasMessageContainingAll(name, "[add.t]");
    }
  }

  private static EmulatorException refused(TaskGraph... graphs) {
    var snapshots =
        Arrays.stream(graphs).map(TaskGraph::snapshot).toArray(ImmutableTaskGraph[]::new);
    return catchThrowableOfType(
        EmulatorException.class, () -> new TornadoExecutionPlan(snapshots).close());
  }

  @Test
  void graphOfTooManyTasks() {
    FloatArray x = counting(4);
    TaskGraph graph = new TaskGraph("g");
    for (int i = 0; i < 256; i++) {
      graph.task("t" + i, TransfersTest::addOne, new KernelContext(), x);
    }
    assertThat(refused(graph)).as("256 tasks with 2 arguments fit").isNull();
    graph.task("t256", TransfersTest::addOne, new KernelContext(), x);
    assertThat(refused(graph).fault()).isEqualTo(Fault.LIMIT);
  }

  public static void many(
      KernelContext c,
      FloatArray a0,
      FloatArray a1,
      FloatArray a2,
      FloatArray a3,
      FloatArray a4,
      FloatArray a5,
      FloatArray a6) {
    a0.set(c.globalIdx, a1.get(0) + a2.get(0) + a3.get(0) + a4.get(0) + a5.get(0) + a6.get(0));
  }

  public static void setTo(KernelContext context, FloatArray x, int value) {
    x.set(context.globalIdx, value);
  }

  /** A graph of {@code tasks} tasks, each on an array and a number of its own. */
  private static EmulatorException runs(int tasks) {
    TaskGraph graph = new TaskGraph("g");
    GridScheduler grids = new GridScheduler();
    for (int i = 0; i < tasks; i++) {
      FloatArray x = new FloatArray(4);
      graph.task("t" + i, TransfersTest::setTo, new KernelContext(), x, i);
      grids.addWorkerGrid("g.t" + i, Runs.grid(4, 4));
    }
    return catchThrowableOfType(
        EmulatorException.class,
        () -> {
          try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.withGridScheduler(grids).execute();
          }
        });
  }

  @Test
  void graphOfTooManyNodes() {
    assertThat(runs(170)).as("2 + 170 · 6 = 1022 nodes fit").isNull();
    EmulatorException e = runs(171);
    assertThat(e.fault()).isEqualTo(Fault.LIMIT);
    assertThat(e).hasMessageContaining("1028 nodes");
  }

  @Test
  void graphOfTooManyBytes() {
    FloatArray x = counting(4);
    TaskGraph graph = new TaskGraph("g");
    for (int i = 0; i < 148; i++) {
      graph.task("t" + i, TransfersTest::many, new KernelContext(), x, x, x, x, x, x, x);
    }
    assertThat(refused(graph)).as("148 · (15 + 5 · 8) = 8140 bytes fit").isNull();
    graph.task("last", TransfersTest::many, new KernelContext(), x, x, x, x, x, x, x);
    EmulatorException e = refused(graph);
    assertThat(e.fault()).isEqualTo(Fault.LIMIT);
    assertThat(e).hasMessageContainingAll("149 tasks with 8195 bytes", "256 and 8192");
  }

  @Test
  void scalarThatIsFoldedIntoAnotherKernelOfTheSameName() {
    FloatArray x = counting(4);
    TaskGraph tasks =
        new TaskGraph("g")
            .task("t", TransfersTest::scale, new KernelContext(), x, 1f)
            .task("t", TransfersTest::scale, new KernelContext(), x, 2f);
    assertThat(refused(tasks).fault()).isEqualTo(Fault.SCALAR);
    TaskGraph one = new TaskGraph("g").task("t", TransfersTest::scale, new KernelContext(), x, 1f);
    TaskGraph two = new TaskGraph("g").task("t", TransfersTest::scale, new KernelContext(), x, 2f);
    EmulatorException e = refused(one, two);
    assertThat(e.fault()).isEqualTo(Fault.SCALAR);
    assertThat(e).hasMessageContaining("two graphs are named g");
  }

  private static TaskGraph scaler(FloatArray x, float factor) {
    return new TaskGraph("g").task("t", TransfersTest::scale, new KernelContext(), x, factor);
  }

  @Test
  void graphsOfOneNameShareTheCodeOfEqualTasks() throws Exception {
    FloatArray x = counting(4);
    FloatArray y = counting(4);
    TaskGraph one =
        scaler(x, 2f).transferToDevice(EVERY_EXECUTION, x).transferToHost(EVERY_EXECUTION, x);
    TaskGraph two =
        scaler(y, 2f).transferToDevice(EVERY_EXECUTION, y).transferToHost(EVERY_EXECUTION, y);
    try (TornadoExecutionPlan plan = plan(one, two)) {
      plan.execute();
      assertThat(x.toHeapArray()).containsExactly(2, 4, 6, 8);
      assertThat(y.toHeapArray()).containsExactly(2, 4, 6, 8);
    }
  }

  public static void addTo(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    y.set(i, y.get(i) + x.get(i));
  }

  private static TaskGraph adderTo(FloatArray x, FloatArray y) {
    return new TaskGraph("g").task("t", TransfersTest::addTo, new KernelContext(), x, y);
  }

  @Test
  void codeForOneArrayTwiceIsNotCodeForTwoArrays() {
    FloatArray x = counting(4);
    FloatArray y = counting(4);
    assertThat(refused(adderTo(x, y), adderTo(y, y)).fault()).isEqualTo(Fault.SCALAR);
  }

  public static void heap(KernelContext context, float[] x) {
    x[context.globalIdx] = 1;
  }

  @Test
  void onlyArraysOfTornadoVmAreHandedOver() {
    TaskGraph graph =
        new TaskGraph("g").task("t", TransfersTest::heap, new KernelContext(), new float[4]);
    assertThat(refused(graph).fault()).isEqualTo(Fault.KERNEL);
    TaskGraph sends = adder(counting(4)).transferToDevice(FIRST_EXECUTION, "text");
    assertThat(refused(sends).fault()).isEqualTo(Fault.TRANSFER);
  }

  @Test
  void aClosedPlanDoesNotRun() throws Exception {
    FloatArray x = counting(4);
    TornadoExecutionPlan plan = plan(adder(x).transferToDevice(FIRST_EXECUTION, x));
    plan.close();
    assertThat(catchThrowableOfType(EmulatorException.class, plan::execute).fault())
        .isEqualTo(Fault.TRANSFER);
  }

  @Test
  void theProfileNamesEveryTask() throws Exception {
    FloatArray x = counting(4);
    TaskGraph graph =
        adder(x).transferToDevice(EVERY_EXECUTION, x).transferToHost(EVERY_EXECUTION, x);
    try (TornadoExecutionPlan plan = plan(graph)) {
      var profile = plan.execute().getProfilerResult();
      assertThat(profile.getTotalBytesCopyIn()).isEqualTo(16);
      assertThat(profile.getTotalBytesCopyOut()).isEqualTo(16);
      assertThat(profile.getDeviceKernelTime()).isPositive();
      assertThat(profile.getProfileLog()).contains("\"add.t\"", "TASK_KERNEL_TIME");
    }
  }
}
