package io.manifoldmuon.emulated;

import static io.manifoldmuon.emulated.Runs.grid;
import static io.manifoldmuon.emulated.Runs.once;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import io.manifoldmuon.emulator.EmulatorException;
import io.manifoldmuon.emulator.Fault;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Products of a warp: Y [16, 8] = A [16, 16]·B [16, 8] on tensor cores, and what may go wrong. */
class WarpTest {
  private static final int A = 256;
  private static final int B = 128;

  /** A, then B: small whole numbers, exact in bfloat16. */
  private static FloatArray operands() {
    FloatArray x = new FloatArray(A + B);
    for (int i = 0; i < A + B; i++) {
      x.set(i, (7 * i + i / 16) % 11 - 5);
    }
    return x;
  }

  private static TaskGraph graph(
      Task3<KernelContext, FloatArray, FloatArray> kernel, FloatArray x, FloatArray y) {
    return new TaskGraph("g")
        .transferToDevice(EVERY_EXECUTION, x, y)
        .task("t", kernel, new KernelContext(), x, y)
        .transferToHost(EVERY_EXECUTION, y);
  }

  private static EmulatorException fails(
      Task3<KernelContext, FloatArray, FloatArray> kernel, WorkerGrid grid) {
    TaskGraph graph = graph(kernel, operands(), new FloatArray(B));
    EmulatorException found =
        catchThrowableOfType(EmulatorException.class, () -> once(graph, grid));
    assertThat(found).as("the planted fault").isNotNull();
    return found;
  }

  public static void product(KernelContext c, FloatArray x, FloatArray y) {
    int[] tile = c.allocateIntLocalArray((A + B) / 2);
    for (int i = c.localIdx; i < (A + B) / 2; i += 32) {
      long v = BFloat16.bf16FromFloat(x.get(2 * i));
      long w = BFloat16.bf16FromFloat(x.get(2 * i + 1));
      tile[i] = (int) ((v & 0xFFFFL) | (w << 16));
    }
    c.localBarrier();
    HalfFloat[] a = c.mmaLoadA(tile, 16, 0);
    HalfFloat[] b = c.mmaLoadB(tile, 16, 2 * A);
    float[] sums = c.mmaBF16(a, b, c.mmaFragment(0.5f), MMAShape.M16N8K16);
    c.mmaStore(sums, y, 0, 0, 8);
  }

  @Test
  void aWarpMakesAWholeProduct() throws TornadoExecutionPlanException {
    FloatArray x = operands();
    FloatArray y = new FloatArray(B);
    once(graph(WarpTest::product, x, y), grid(32, 32));
    for (int i = 0; i < 16; i++) {
      for (int j = 0; j < 8; j++) {
        float sum = 0.5f;
        for (int q = 0; q < 16; q++) {
          sum += x.get(16 * i + q) * x.get(A + 8 * q + j);
        }
        assertThat(y.get(8 * i + j)).as("(%d, %d)", i, j).isEqualTo(sum);
      }
    }
  }

  @Test
  void half() {
    assertThat(fails(WarpTest::product, grid(16, 16)))
        .hasMessageContainingAll("multiple of 32", "setLocalWork")
        .extracting(EmulatorException::fault)
        .isEqualTo(Fault.GRID);
  }

  @Test
  void aWorkItemAlone() {
    assertThatThrownBy(() -> product(new KernelContext(), operands(), new FloatArray(B)))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("the 32 of a warp");
  }

  public static void notByAll(KernelContext c, FloatArray x, FloatArray y) {
    int[] tile = c.allocateIntLocalArray(128);
    for (int i = c.localIdx; i < 128; i += 32) {
      tile[i] = 0;
    }
    c.localBarrier();
    float[] sums = c.mmaFragment(x.get(0));
    HalfFloat[] a = c.mmaLoadA(tile, 16, 0);
    HalfFloat[] b = c.mmaLoadB(tile, 16, 0);
    if (c.localIdx < 31) {
      sums = c.mmaBF16(a, b, sums, MMAShape.M16N8K16);
    }
    c.mmaStore(sums, y, 0, 0, 8);
  }

  @Test
  void aProductThatNotAllMake() {
    assertThat(fails(WarpTest::notByAll, grid(32, 32)))
        .hasMessageContainingAll("work-item [31, 0, 0]", "multiplied 0 times", "1 times; all 32")
        .extracting(EmulatorException::fault)
        .isEqualTo(Fault.BARRIER);
  }

  public static void noBarrier(KernelContext c, FloatArray x, FloatArray y) {
    int[] tile = c.allocateIntLocalArray(128);
    for (int i = c.localIdx; i < 128; i += 32) {
      tile[i] = 0;
    }
    HalfFloat[] a = c.mmaLoadA(tile, 16, 0);
    HalfFloat[] b = c.mmaLoadB(tile, 16, 0);
    c.mmaStore(c.mmaBF16(a, b, c.mmaFragment(x.get(0)), MMAShape.M16N8K16), y, 0, 0, 8);
  }

  @Test
  void aMissingBarrier() {
    assertThat(fails(WarpTest::noBarrier, grid(32, 32)).fault()).isIn(Fault.RACE, Fault.UNDEFINED);
  }

  public static void privateTile(KernelContext c, FloatArray x, FloatArray y) {
    int[] tile = new int[128];
    for (int i = 0; i < 128; i++) {
      tile[i] = 0;
    }
    HalfFloat[] a = c.mmaLoadA(tile, 16, 0);
    HalfFloat[] b = c.mmaLoadB(tile, 16, 0);
    c.mmaStore(c.mmaBF16(a, b, c.mmaFragment(x.get(0)), MMAShape.M16N8K16), y, 0, 0, 8);
  }

  @Test
  void operandsThatAreNotLocal() {
    assertThat(fails(WarpTest::privateTile, grid(32, 32)))
        .hasMessageContaining("not a local one")
        .extracting(EmulatorException::fault)
        .isEqualTo(Fault.KERNEL);
  }

  public static void unaligned(KernelContext c, FloatArray x, FloatArray y) {
    int[] tile = c.allocateIntLocalArray(160);
    for (int i = c.localIdx; i < 160; i += 32) {
      tile[i] = 0;
    }
    c.localBarrier();
    HalfFloat[] a = c.mmaLoadA(tile, 16, 8);
    HalfFloat[] b = c.mmaLoadB(tile, 16, 0);
    c.mmaStore(c.mmaBF16(a, b, c.mmaFragment(x.get(0)), MMAShape.M16N8K16), y, 0, 0, 8);
  }

  @Test
  void rowsThatAreNotAligned() {
    assertThat(fails(WarpTest::unaligned, grid(32, 32)))
        .hasMessageContainingAll("from byte 8 on", "a multiple of 16")
        .extracting(EmulatorException::fault)
        .isEqualTo(Fault.KERNEL);
  }

  public static void pastTheEnd(KernelContext c, FloatArray x, FloatArray y) {
    float[] sums = c.mmaFragment(x.get(0));
    c.mmaStore(sums, y, 1, 0, 8);
  }

  @Test
  void aFragmentThatIsStoredPastTheEnd() {
    assertThat(fails(WarpTest::pastTheEnd, grid(32, 32)))
        .hasMessageContaining("element 128 of y")
        .extracting(EmulatorException::fault)
        .isEqualTo(Fault.BOUNDS);
  }

  public static void shortAsInt(KernelContext c, FloatArray x, FloatArray y) {
    int bits = BFloat16.bf16FromFloat(x.get(0)) & 0xFFFF;
    y.set(c.globalIdx, bits << 16);
  }

  @Test
  void aShortThatIsComputedWithAsAnInt() {
    assertThat(fails(WarpTest::shortAsInt, grid(32, 32)))
        .hasMessageContainingAll("bf16FromFloat", "make it a long")
        .extracting(EmulatorException::fault)
        .isEqualTo(Fault.KERNEL);
  }
}
