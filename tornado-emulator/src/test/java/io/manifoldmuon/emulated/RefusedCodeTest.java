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
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Code that TornadoVM cannot compile, or compiles to something else, and that the emulator refuses.
 */
class RefusedCodeTest {
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
    EmulatorException e = fails(RefusedCodeTest::switchWithGaps);
    assertThat(e.fault()).isEqualTo(Fault.KERNEL);
    assertThat(e).hasMessageContaining("7 labels, gaps among them, for 5 targets");
    assertThat(fails(RefusedCodeTest::switchWithOneGap))
        .hasMessageContaining("4 labels, gaps among them, for 4 targets");
    TaskGraph graph = new TaskGraph("g");
    FloatArray x = counting(8);
    FloatArray y = new FloatArray(8);
    graph
        .transferToDevice(EVERY_EXECUTION, x)
        .task("t", RefusedCodeTest::denseSwitch, new KernelContext(), x, y)
        .transferToHost(EVERY_EXECUTION, y);
    assertThat(fails(graph, grid(8, 4))).isNull();
    assertThat(y.get(1)).isEqualTo(2);
  }

  public static void fused(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    y.set(i, Math.fma(2f, x.get(i), 1f));
  }

  public static void clock(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    y.set(i, x.get(i) + System.nanoTime() % 2);
  }

  @Test
  void theClockOfTheHost() {
    EmulatorException e = fails(RefusedCodeTest::clock);
    assertThat(e.fault()).isEqualTo(Fault.KERNEL);
    assertThat(e).hasMessageContainingAll("java/lang/System.nanoTime", "no function of a device");
  }

  @Test
  void callThatIsRejected() {
    EmulatorException e = fails(RefusedCodeTest::fused);
    assertThat(e.fault()).isEqualTo(Fault.KERNEL);
    assertThat(e).hasMessageContainingAll("RefusedCodeTest, line ", "java/lang/Math.fma");
  }

  public static void recurses(KernelContext context, FloatArray x, FloatArray y) {
    y.set(context.globalIdx, factorial(x.get(context.globalIdx)));
  }

  private static float factorial(float n) {
    return n <= 1 ? 1 : n * factorial(n - 1);
  }

  @Test
  void recursion() {
    EmulatorException e = fails(RefusedCodeTest::recurses);
    assertThat(e.fault()).isEqualTo(Fault.KERNEL);
    assertThat(e).hasMessageContaining("calls factorial, which calls itself");
  }

  private static final float[] TABLE = {1, 2, 3};

  public static void looksUp(KernelContext context, FloatArray x, FloatArray y) {
    y.set(context.globalIdx, x.get(context.globalIdx) + TABLE[1]);
  }

  @Test
  void staticArray() {
    EmulatorException e = fails(RefusedCodeTest::looksUp);
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
    EmulatorException e = fails(RefusedCodeTest::readsAField);
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
    EmulatorException e = fails(RefusedCodeTest::throwsIt);
    assertThat(e.fault()).isEqualTo(Fault.KERNEL);
    assertThat(e).hasMessageContaining("IllegalArgumentException");
  }
}
