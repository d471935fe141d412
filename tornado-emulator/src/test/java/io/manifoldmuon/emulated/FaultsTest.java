package io.manifoldmuon.emulated;

import static io.manifoldmuon.emulated.Planted.fails;
import static io.manifoldmuon.emulated.Runs.counting;
import static io.manifoldmuon.emulated.Runs.grid;
import static org.assertj.core.api.Assertions.assertThat;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import io.manifoldmuon.emulator.EmulatorException;
import io.manifoldmuon.emulator.Fault;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * One planted fault of a kernel, its memory or its launch for each that the emulator has to find.
 */
class FaultsTest {
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
    assertThat(e)
        .hasMessageContainingAll("work-item [0, 0, 0]", "the negative int -5", ">>>", "mask");
  }

  public static void shiftsNegativeLong(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    y.set(i, x.get(i) + (int) ((5L - i) >>> 60));
  }

  @Test
  void unsignedShiftOfANegativeLong() {
    EmulatorException e = fails(FaultsTest::shiftsNegativeLong);
    assertThat(e.fault()).isEqualTo(Fault.KERNEL);
    assertThat(e)
        .hasMessageContainingAll("work-item [6, 0, 0]", "the negative long -1", ">>>", "mask");
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
    EmulatorException e = fails(RacesTest::halfABarrier, new WorkerGrid1D(8));
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
}
