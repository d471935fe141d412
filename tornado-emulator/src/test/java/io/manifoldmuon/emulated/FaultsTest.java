package io.manifoldmuon.emulated;

import static io.manifoldmuon.emulated.Runs.counting;
import static io.manifoldmuon.emulated.Runs.grid;
import static io.manifoldmuon.emulated.Runs.once;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import io.manifoldmuon.emulator.EmulatorException;
import io.manifoldmuon.emulator.Fault;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** One planted fault of a kernel for each that the emulator has to find. */
class FaultsTest {
  private static EmulatorException fails(TaskGraph graph, WorkerGrid grid) {
    return catchThrowableOfType(EmulatorException.class, () -> once(graph, grid));
  }

  /** Runs a kernel with x = 1 … 8 and y = 0 … 0 in groups of 4. */
  private static EmulatorException fails(Task3<KernelContext, FloatArray, FloatArray> kernel) {
    return fails(kernel, grid(8, 4));
  }

  private static EmulatorException fails(
      Task3<KernelContext, FloatArray, FloatArray> kernel, WorkerGrid grid) {
    FloatArray x = counting(8);
    FloatArray y = new FloatArray(8);
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(EVERY_EXECUTION, x, y)
            .task("t", kernel, new KernelContext(), x, y)
            .transferToHost(EVERY_EXECUTION, y);
    EmulatorException found = fails(graph, grid);
    assertThat(found).as("the planted fault").isNotNull();
    assertThat(found).hasMessageStartingWith("emulator: g.t");
    return found;
  }

  public static void beyondTheEnd(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    y.set(i, x.get(i + 1));
  }

  @Test
  void indexBeyondTheEnd() {
    EmulatorException e = fails(FaultsTest::beyondTheEnd);
    assertThat(e.fault()).isEqualTo(Fault.BOUNDS);
    assertThat(e)
        .hasMessageContainingAll(
            "FaultsTest.beyondTheEnd, FaultsTest.java:", "work-item [7, 0, 0]", "element 8 of x");
  }

  public static void beforeTheStart(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    y.set(i - 1, x.get(i));
  }

  @Test
  void indexBeforeTheStart() {
    EmulatorException e = fails(FaultsTest::beforeTheStart);
    assertThat(e.fault()).isEqualTo(Fault.BOUNDS);
    assertThat(e).hasMessageContainingAll("work-item [0, 0, 0]", "element -1 of y");
  }

  public static void beyondAPrivateArray(KernelContext context, FloatArray x, FloatArray y) {
    float[] tile = new float[4];
    tile[context.globalIdx] = 1;
    y.set(context.globalIdx, tile[context.globalIdx]);
  }

  @Test
  void indexBeyondAPrivateArray() {
    EmulatorException e = fails(FaultsTest::beyondAPrivateArray);
    assertThat(e.fault()).isEqualTo(Fault.BOUNDS);
    assertThat(e).hasMessageContainingAll("work-item [4, 0, 0]", "element 4 of a private or local");
  }

  public static void allWriteOne(KernelContext context, FloatArray x, FloatArray y) {
    y.set(3, x.get(context.globalIdx));
  }

  @Test
  void twoWorkItemsWriteOneElement() {
    EmulatorException e = fails(FaultsTest::allWriteOne);
    assertThat(e.fault()).isEqualTo(Fault.RACE);
    assertThat(e)
        .hasMessageContainingAll(
            "writes element 3 of y", "[1, 0, 0]", "[0, 0, 0]", "globalBarrier");
  }

  public static void readsTheNeighbours(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    x.set(i, 2 * x.get((i + 7) % 8));
  }

  @Test
  void oneReadsWhatAnotherWrites() {
    EmulatorException e = fails(FaultsTest::readsTheNeighbours);
    assertThat(e.fault()).isEqualTo(Fault.RACE);
    assertThat(e).hasMessageContaining("of x");
  }

  public static void readsAcrossGroups(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    float other = x.get((i + 4) % 8);
    context.globalBarrier();
    x.set(i, other);
  }

  @Test
  void aBarrierDoesNotOrderGroups() {
    EmulatorException e = fails(FaultsTest::readsAcrossGroups);
    assertThat(e.fault()).isEqualTo(Fault.RACE);
    assertThat(e).hasMessageContainingAll("of x", "groups run in any order");
  }

  public static void wrongBarrier(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    y.set(i, 1f);
    context.localBarrier();
    x.set(i, y.get(i / 4 * 4));
  }

  @Test
  void aLocalBarrierDoesNotOrderGlobalArrays() {
    EmulatorException e = fails(FaultsTest::wrongBarrier);
    assertThat(e.fault()).isEqualTo(Fault.RACE);
    assertThat(e).hasMessageContainingAll("reads element 0 of y", "without a globalBarrier");
  }

  public static void localRace(KernelContext context, FloatArray x, FloatArray y) {
    float[] part = context.allocateFloatLocalArray(4);
    part[context.localIdx] = x.get(context.globalIdx);
    y.set(context.globalIdx, part[3 - context.localIdx]);
  }

  @Test
  void aLocalArrayNeedsABarrier() {
    EmulatorException e = fails(FaultsTest::localRace);
    assertThat(e.fault()).isIn(Fault.RACE, Fault.UNDEFINED);
    assertThat(e).hasMessageContaining("local array");
  }

  public static void localWriteAfterRead(KernelContext context, FloatArray x, FloatArray y) {
    float[] part = context.allocateFloatLocalArray(4);
    part[context.localIdx] = x.get(context.globalIdx);
    context.localBarrier();
    float other = part[3 - context.localIdx];
    part[context.localIdx] = other;
    y.set(context.globalIdx, other);
  }

  @Test
  void aLocalArrayNeedsABarrierBeforeItIsWrittenAgain() {
    EmulatorException e = fails(FaultsTest::localWriteAfterRead);
    assertThat(e.fault()).isEqualTo(Fault.RACE);
    assertThat(e).hasMessageContainingAll("local array 0 (float[4])", "localBarrier");
  }

  public static void halfABarrier(KernelContext context, FloatArray x, FloatArray y) {
    if (context.localIdx < 2) {
      context.localBarrier();
    }
    y.set(context.globalIdx, x.get(context.globalIdx));
  }

  @Test
  void barrierThatHalfOfTheGroupReaches() {
    EmulatorException e = fails(FaultsTest::halfABarrier);
    assertThat(e.fault()).isEqualTo(Fault.BARRIER);
    assertThat(e).hasMessageContainingAll("waits at the barrier of line", "has ended");
  }

  public static void twoBarriers(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    if (context.localIdx < 2) {
      y.set(i, x.get(i));
      context.localBarrier();
    } else {
      context.localBarrier();
      y.set(i, x.get(i));
    }
  }

  @Test
  void barriersOfTwoBranches() {
    EmulatorException e = fails(FaultsTest::twoBarriers);
    assertThat(e.fault()).isEqualTo(Fault.BARRIER);
    assertThat(e).hasMessageContaining("waits at that of line");
  }

  public static void unzeroed(KernelContext context, FloatArray x, FloatArray y) {
    float[] tile = new float[2];
    tile[0] += x.get(context.globalIdx);
    y.set(context.globalIdx, tile[0]);
  }

  @Test
  void privateArraysAreNotZero() {
    EmulatorException e = fails(FaultsTest::unzeroed);
    assertThat(e.fault()).isEqualTo(Fault.UNDEFINED);
    assertThat(e).hasMessageContaining("element 0 of a private array, which was never written");
  }

  public static void unzeroedLocal(KernelContext context, FloatArray x, FloatArray y) {
    int[] counter = context.allocateIntLocalArray(1);
    y.set(context.globalIdx, x.get(context.globalIdx) + counter[0]);
  }

  @Test
  void localArraysAreNotZero() {
    EmulatorException e = fails(FaultsTest::unzeroedLocal);
    assertThat(e.fault()).isEqualTo(Fault.UNDEFINED);
    assertThat(e)
        .hasMessageContaining("element 0 of a local array, which no work-item has written");
  }

  public static void shiftsNegative(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    y.set(i, x.get(i) + ((i - 5) >>> 1));
  }

  @Test
  void unsignedShiftOfANegativeInt() {
    EmulatorException e = fails(FaultsTest::shiftsNegative);
    assertThat(e.fault()).isEqualTo(Fault.KERNEL);
    assertThat(e).hasMessageContainingAll("work-item [0, 0, 0]", "-5", ">>>");
  }

  public static void handsOver(KernelContext context, FloatArray x, FloatArray y) {
    float[] part = context.allocateFloatLocalArray(4);
    fill(part, context.localIdx, x.get(context.globalIdx));
    y.set(context.globalIdx, part[context.localIdx]);
  }

  private static void fill(float[] part, int at, float value) {
    part[at] = value;
  }

  @Test
  void localArrayHandedToAMethod() {
    EmulatorException e = fails(FaultsTest::handsOver);
    assertThat(e.fault()).isEqualTo(Fault.KERNEL);
    assertThat(e).hasMessageContaining("hands a local array to a method");
  }

  public static void tooMuchLocal(KernelContext context, FloatArray x, FloatArray y) {
    float[] part = context.allocateFloatLocalArray(16 * 1024);
    part[context.localIdx] = x.get(context.globalIdx);
    y.set(context.globalIdx, part[context.localIdx]);
  }

  @Test
  void tooManyBytesOfLocalArrays() {
    EmulatorException e = fails(FaultsTest::tooMuchLocal);
    assertThat(e.fault()).isEqualTo(Fault.LIMIT);
    assertThat(e).hasMessageContaining("65536 bytes of local arrays");
  }

  public static void dividesByZero(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    int part = 8 / (i - 3);
    y.set(i, x.get(i) + part);
  }

  @Test
  void exceptionOfAKernel() {
    EmulatorException e = fails(FaultsTest::dividesByZero);
    assertThat(e.fault()).isEqualTo(Fault.KERNEL);
    assertThat(e).hasCauseInstanceOf(ArithmeticException.class);
    assertThat(e).hasMessageContainingAll("FaultsTest.java:", "work-item [3, 0, 0]");
  }

  public static void floatAtomic(KernelContext context, FloatArray x, FloatArray y) {
    context.atomicAdd(y, 0, x.get(context.globalIdx));
  }

  @Test
  void atomicAdditionOfFloats() {
    assertThat(fails(FaultsTest::floatAtomic).fault()).isEqualTo(Fault.KERNEL);
  }

  public static void copies(KernelContext context, FloatArray x, FloatArray y) {
    y.set(context.globalIdx, x.get(context.globalIdx));
  }

  @Test
  void globalSizeNotAMultipleOfTheLocal() {
    EmulatorException e = fails(FaultsTest::copies, grid(8, 3));
    assertThat(e.fault()).isEqualTo(Fault.GRID);
    assertThat(e).hasMessageContainingAll("[8, 1, 1]", "[3, 1, 1]", "whole groups");
  }

  @Test
  void groupThatIsTooBig() {
    assertThat(fails(FaultsTest::copies, grid(2048, 2048)).fault()).isEqualTo(Fault.GRID);
    assertThat(fails(FaultsTest::copies, grid(64, 64, 64, 32)).fault()).isEqualTo(Fault.GRID);
  }

  @Test
  void barrierWithoutASizeOfGroups() {
    EmulatorException e = fails(FaultsTest::halfABarrier, new WorkerGrid1D(8));
    assertThat(e.fault()).isEqualTo(Fault.GRID);
    assertThat(e).hasMessageContaining("setLocalWork");
  }

  @Test
  void aCapturedValueIsAScalarThatMayChange() {
    float factor = counting(1).get(0);
    EmulatorException e =
        fails((context, x, y) -> y.set(context.globalIdx, factor * x.get(context.globalIdx)));
    assertThat(e.fault()).isEqualTo(Fault.SCALAR);
    assertThat(e).hasMessageContaining("captures a value");
  }

  public static void writesNothing(KernelContext context, FloatArray x, FloatArray y) {}

  @Test
  void kernelWithoutEffect() {
    assertThat(fails(FaultsTest::writesNothing).fault()).isEqualTo(Fault.KERNEL);
  }

  @Test
  void readOfAnArrayThatWasNeverSent() {
    FloatArray x = counting(8);
    FloatArray y = new FloatArray(8);
    TaskGraph graph =
        new TaskGraph("g")
            .task("t", FaultsTest::copies, new KernelContext(), x, y)
            .transferToHost(EVERY_EXECUTION, y);
    EmulatorException e = fails(graph, grid(8, 4));
    assertThat(e.fault()).isEqualTo(Fault.UNDEFINED);
    assertThat(e).hasMessageContainingAll("element 0 of x", "neither sent");
  }

  public static void copiesBack(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    x.set(i, y.get(i));
  }

  private static EmulatorException failsOnOneArray(
      Task3<KernelContext, FloatArray, FloatArray> kernel) {
    FloatArray x = counting(8);
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(EVERY_EXECUTION, x)
            .task("t", kernel, new KernelContext(), x, x)
            .transferToHost(EVERY_EXECUTION, x);
    return fails(graph, grid(8, 4));
  }

  @Test
  void anArrayThatIsWrittenAndComesAgainAsALaterArgument() {
    EmulatorException e = failsOnOneArray(FaultsTest::copiesBack);
    assertThat(e.fault()).isEqualTo(Fault.KERNEL);
    assertThat(e).hasMessageContainingAll("later argument", "does not end");
    assertThat(failsOnOneArray(FaultsTest::copies)).as("written where it comes last").isNull();
  }

  public static void switchWithGaps(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    y.set(
        i,
        switch (i) {
          case 0 -> 1.0f;
          case 1 -> 2.0f;
          case 2 -> 3.0f;
          case 6 -> x.get(i);
          default -> 0.0f;
        });
  }

  public static void switchWithOneGap(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    y.set(
        i,
        switch (i) {
          case 0 -> 1.0f;
          case 1 -> 2.0f;
          case 3 -> x.get(i);
          default -> 0.0f;
        });
  }

  public static void denseSwitch(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    y.set(
        i,
        switch (i) {
          case 0 -> 1.0f;
          case 1 -> x.get(i);
          default -> 0.0f;
        });
  }

  @Test
  void switchWhoseLabelsHaveGaps() {
    EmulatorException e = fails(FaultsTest::switchWithGaps);
    assertThat(e.fault()).isEqualTo(Fault.KERNEL);
    assertThat(e).hasMessageContaining("7 labels, gaps among them, for 5 targets");
    assertThat(fails(FaultsTest::switchWithOneGap))
        .hasMessageContaining("4 labels, gaps among them, for 4 targets");
    TaskGraph graph = new TaskGraph("g");
    FloatArray x = counting(8);
    FloatArray y = new FloatArray(8);
    graph
        .transferToDevice(EVERY_EXECUTION, x)
        .task("t", FaultsTest::denseSwitch, new KernelContext(), x, y)
        .transferToHost(EVERY_EXECUTION, y);
    assertThat(fails(graph, grid(8, 4))).isNull();
    assertThat(y.get(1)).isEqualTo(2);
  }

  public static void fused(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    y.set(i, Math.fma(2f, x.get(i), 1f));
  }

  @Test
  void callThatIsRejected() {
    EmulatorException e = fails(FaultsTest::fused);
    assertThat(e.fault()).isEqualTo(Fault.KERNEL);
    assertThat(e).hasMessageContainingAll("FaultsTest, line ", "java/lang/Math.fma");
  }

  public static void recurses(KernelContext context, FloatArray x, FloatArray y) {
    y.set(context.globalIdx, factorial(x.get(context.globalIdx)));
  }

  private static float factorial(float n) {
    return n <= 1 ? 1 : n * factorial(n - 1);
  }

  @Test
  void recursion() {
    EmulatorException e = fails(FaultsTest::recurses);
    assertThat(e.fault()).isEqualTo(Fault.KERNEL);
    assertThat(e).hasMessageContaining("calls factorial, which calls itself");
  }

  private static final float[] TABLE = {1, 2, 3};

  public static void looksUp(KernelContext context, FloatArray x, FloatArray y) {
    y.set(context.globalIdx, x.get(context.globalIdx) + TABLE[1]);
  }

  @Test
  void staticArray() {
    EmulatorException e = fails(FaultsTest::looksUp);
    assertThat(e.fault()).isEqualTo(Fault.KERNEL);
    assertThat(e).hasMessageContaining("TABLE");
  }

  @SuppressWarnings("NonFinalStaticField") // the fault
  private static float rate = 1;

  public static void readsAField(KernelContext context, FloatArray x, FloatArray y) {
    y.set(context.globalIdx, x.get(context.globalIdx) * rate);
  }

  @Test
  void fieldThatMayChange() {
    rate = 2;
    EmulatorException e = fails(FaultsTest::readsAField);
    assertThat(e.fault()).isEqualTo(Fault.SCALAR);
    assertThat(e).hasMessageContaining("rate");
  }

  public static void throwsIt(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    if (x.get(i) > 5) {
      throw new IllegalArgumentException();
    }
    y.set(i, 1f);
  }

  @Test
  void exceptionsAndObjects() {
    EmulatorException e = fails(FaultsTest::throwsIt);
    assertThat(e.fault()).isEqualTo(Fault.KERNEL);
    assertThat(e).hasMessageContaining("IllegalArgumentException");
  }

  public static void parallelRace(FloatArray x) {
    for (@Parallel int i = 0; i < 8; i++) {
      x.set(i, x.get((i + 7) % 8));
    }
  }

  @Test
  void iterationsOfAParallelLoopRace() {
    FloatArray x = counting(8);
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(EVERY_EXECUTION, x)
            .task("t", FaultsTest::parallelRace, x);
    EmulatorException e = fails(graph, grid(8, 4));
    assertThat(e.fault()).isEqualTo(Fault.RACE);
    assertThat(e).hasMessageContainingAll("iteration [1]", "iteration [0]", "element 0 of x");
  }
}
