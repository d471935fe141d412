package io.manifoldmuon.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.manifoldmuon.kernels.device.Elementwise;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.engine.StoragePlan.Scratch;
import java.util.List;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid3D;

/** What is refused before it becomes a task, as TornadoVM would go on or never end. */
class LaunchLimitsTest {
  private static final LaunchLimits GPU =
      new LaunchLimits(1024, new long[] {1024, 1024, 64}, LaunchLimits.GROUPS_OF_GPU, 1 << 30);

  /** One more than a dimension has groups, and a last launch of few. */
  private static final int STACK = LaunchLimits.GROUPS_OF_GPU + 3;

  /** y = x, which says that it reads some buffers. */
  private static Launch copy(List<Buffer> reads, Buffer x, Buffer y, WorkerGrid grid) {
    return Launch.of(
        "copyF32",
        reads,
        List.of(y),
        grid,
        0,
        (g, id) ->
            g.task(
                id,
                Elementwise::copyF32,
                new KernelContext(),
                x.floats(),
                x.offset(),
                y.floats(),
                y.offset(),
                y.size()));
  }

  private static WorkerGrid groups(int y, int z) {
    WorkerGrid grid = new WorkerGrid3D(64, y, z);
    grid.setLocalWork(64, 1, 1);
    return grid;
  }

  @Test
  void anArrayThatIsReadAndWrittenIsHandedOverOnce() {
    Buffer whole = Buffer.reals(Shape.of(128));
    Buffer x = whole.view(0, Shape.of(64));
    Buffer y = whole.view(64, Shape.of(64));
    assertThatCode(() -> GPU.check(copy(List.of(x), x, y, Grid.covering(64))))
        .as("an operand in the array of a result, which is only written")
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> GPU.check(copy(List.of(x, y), x, y, Grid.covering(64))))
        .hasMessageContaining("copyF32")
        .hasMessageContaining("lies in one array with another operand");
  }

  @Test
  void groupsInTheLaterDimensionsAreCounted() {
    Buffer x = Buffer.reals(Shape.of(64));
    Buffer y = Buffer.reals(Shape.of(64));
    assertThatCode(() -> GPU.check(copy(List.of(x), x, y, groups(65_535, 65_535))))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> GPU.check(copy(List.of(x), x, y, groups(65_536, 1))))
        .hasMessageContaining("65536 groups in dimension 1, the device has 65535");
    assertThatThrownBy(() -> GPU.check(copy(List.of(x), x, y, groups(1, 65_536))))
        .hasMessageContaining("65536 groups in dimension 2, the device has 65535");
    assertThatCode(() -> GPU.check(copy(List.of(x), x, y, Grid.covering(64L * 65_536))))
        .as("the first dimension has more")
        .doesNotThrowAnyException();
  }

  private static void checkStack(List<Launch> products, Buffer y) {
    assertThat(products).hasSize(2);
    products.forEach(GPU::check);
    assertThat(products.getFirst().writes().getFirst().offset()).isZero();
    Buffer last = products.getLast().writes().getFirst();
    assertThat(last.offset() + last.size()).isEqualTo(y.size());
    assertThat(products.stream().mapToInt(l -> l.writes().getFirst().size()).sum())
        .isEqualTo(y.size());
    assertThat(KernelCode.of(products.getFirst()).kernel())
        .isEqualTo(KernelCode.of(products.getLast()).kernel());
  }

  @Test
  void aLargeStackIsSeveralLaunches() {
    Buffer a = Buffer.reals(Shape.of(STACK, 2, 3));
    Buffer b = Buffer.reals(Shape.of(STACK, 3, 4));
    Buffer y = Buffer.reals(Shape.of(STACK, 2, 4));
    ProductLaunches tiled = new ProductLaunches(ProductKernels.TILED, 4, null);
    checkStack(tiled.matMul(a, b, y, false, false), y);
    Buffer s = Buffer.reals(Shape.of(STACK, 2, 2));
    checkStack(tiled.gram(a, s, true), s);
  }

  @Test
  void aLargeStackOnTensorCoresIsPackedInParts() {
    Buffer a = Buffer.reals(Shape.of(STACK, 16, 1));
    Buffer b = Buffer.reals(Shape.of(STACK, 1, 8));
    Buffer y = Buffer.reals(Shape.of(STACK, 16, 8));
    List<Buffer> packs =
        TensorLaunches.scratch(y.shape(), 1).stream()
            .map(Scratch::elements)
            .map(n -> Buffer.integers(Shape.of(n)))
            .toList();
    List<Launch> all =
        new ProductLaunches(ProductKernels.TILED, 4, null)
            .onTensorCores(packs)
            .matMul(a, b, y, false, false);
    assertThat(all.stream().map(Launch::name))
        .containsExactly(
            "packBF16", "packBF16", "matMulTensorBF16", "packBF16", "packBF16", "matMulTensorBF16");
    all.forEach(GPU::check);
    checkStack(all.stream().filter(l -> l.name().startsWith("matMul")).toList(), y);
  }

  @Test
  void arraysThatALaunchDoesNotNameAreCheckedToo() {
    Buffer work = Buffer.reals(Shape.of(1 << 10));
    LaunchLimits small = new LaunchLimits(64, new long[] {64, 1, 1}, Long.MAX_VALUE, 1 << 12);
    assertThatThrownBy(() -> small.checkSize("p1", work.array()))
        .hasMessageContaining("p1: an array of")
        .hasMessageContaining("the device allows 4096");
  }

  @Test
  void theWorkOfAllMembersIsAnArray() {
    MemberShare share = new MemberShare(1 << 16);
    share.reserve(1 << 14);
    assertThat(share.ofAll()).isEqualTo(1 << 30);
    share.reserve(1 << 14);
    assertThatThrownBy(share::ofAll).hasMessageContaining("2147483648 elements");
    share.reserve(1 << 15);
    assertThatThrownBy(share::ofAll)
        .as("not 0, as 32 bits make it")
        .hasMessageContaining("4294967296 elements");
  }
}
