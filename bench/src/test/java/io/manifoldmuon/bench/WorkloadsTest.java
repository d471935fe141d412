package io.manifoldmuon.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WorkloadsTest {

  static Stream<String> names() {
    return Workloads.all().stream().map(Workload::name);
  }

  /** Everything that the table promises can be set up and replayed. */
  @ParameterizedTest
  @MethodSource("names")
  void everyWorkloadRuns(String name) {
    Workload w = Workloads.named(name);
    assertThat(w.bytes()).isPositive();
    try (Engine engine = Engines.open("cpu", EngineOptions.defaults(), _ -> {});
        Replay replay = w.opening().apply(engine)) {
      replay.run();
    }
  }

  /** Their operands are variables, which have to be written as well. */
  @Test
  void largeWorkloadsRun() {
    Workload product = Workloads.named("large/product-1024");
    assertThat(product.flops()).isEqualTo(2.0 * 1024 * 1024 * 1024);
    assertThat(product.bytes()).isEqualTo(3 * 4.0 * 1024 * 1024);
    try (Engine engine = Engines.open("cpu", EngineOptions.defaults(), _ -> {});
        Replay replay = product.opening().apply(engine)) {
      replay.run();
      assertThat(engine.read("a").doubles()).doesNotContain(0.0);
    }
  }

  @Test
  void operationsAndBytesAreThoseOfTheProducts() {
    Workload square = Workloads.named("product/512");
    assertThat(square.flops()).isEqualTo(2.0 * 512 * 512 * 512);
    assertThat(square.bytes()).isEqualTo(3 * 4.0 * 512 * 512);
    Workload grouped = Workloads.named("product/grouped");
    assertThat(grouped.flops()).isEqualTo(2.0 * 4096 * 256 * 1024);
    Workload gram = Workloads.named("product/gram-stack");
    assertThat(gram.flops()).isEqualTo(4.0 * 1024 * 256 * 256);
    assertThat(Workloads.copyCeiling().flops()).isZero();
    assertThat(Workloads.copyCeiling().bytes()).isEqualTo(2.0 * (64 << 20));
  }

  /** Ten of Jordan's quintics on the whole matrix cost more than one warm iteration. */
  @Test
  void dualAscentCostsTimesWhatIrlsDoes() {
    double irls = Workloads.named("step/stiefel-irls-1").flops();
    double ascent = Workloads.named("step/stiefel-dual-ascent-10").flops();
    assertThat(ascent / irls).isBetween(5.0, 20.0);
  }

  @Test
  void namesAreUnique() {
    List<String> names =
        Stream.concat(names(), Workloads.large().stream().map(Workload::name)).toList();
    assertThat(names).doesNotHaveDuplicates().allMatch(n -> n.matches("[a-z-]+/[a-z0-9-]+"));
    assertThatThrownBy(() -> Workloads.named("product/none"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("product/none");
  }
}
