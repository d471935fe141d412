package io.manifoldmuon.model.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import org.junit.jupiter.api.Test;

class GradCheckTest {

  @Test
  void theCpuEngineAgreesWithTheReference() {
    try (Engine cpu = Engines.open("cpu", new EngineOptions(2, ""), n -> {});
        Engine reference = TinyRun.reference()) {
      var config =
          TinyRun.config(
              "model.balance_loss=0.01",
              "model.weight_gain=true",
              "model.router_temperature=true",
              "model.shared_expert=true");
      GradCheck.Report report = GradCheck.run(cpu, reference, config.model(), 256, 2, 5);
      assertThat(report.rows()).allSatisfy(row -> assertThat(row.passes()).as("%s", row).isTrue());
      assertThat(report.passes()).isTrue();
      assertThat(report.rows()).hasSizeGreaterThan(20);
    }
  }

  @Test
  void nanAndWrongGradientsDoNotPass() {
    assertThat(new GradCheck.Row("a", 1, 1e-6, 1e-9).passes()).isTrue();
    assertThat(new GradCheck.Row("a", 1, Double.NaN, 1e-9).passes()).isFalse();
    assertThat(new GradCheck.Row("a", 1, 1e-6, Double.NaN).passes()).isFalse();
    assertThat(new GradCheck.Row("a", 1, 1e-3, 1e-9).passes()).isFalse();
    assertThat(new GradCheck.Row("a", 1, 1e-6, 1e-3).passes()).isFalse();
  }
}
