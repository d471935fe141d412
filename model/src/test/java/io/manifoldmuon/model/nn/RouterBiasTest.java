package io.manifoldmuon.model.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.model.nn.TinyModel.Option;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RouterBiasTest {
  private static final double GAMMA = TinyModel.GAMMA;

  @Test
  void overloadedExpertsSinkAndIdleOnesRise() {
    LanguageModel model = TinyModel.model(TinyModel.config(3, 1, Option.BIAS));
    GraphBuilder g = new GraphBuilder();
    model.recordStateUpdate(g, Optional.of(g.input("counts", Type.real(2, 3))));
    assertThat(g.build().nodes())
        .filteredOn(n -> n.op() instanceof Op.Assign)
        .singleElement()
        .satisfies(n -> assertThat(n.phase()).isEqualTo(Phase.OPTIMIZER));
    try (Engine engine = TinyModel.open();
        Program program = engine.compile(g.build())) {
      engine.write("router.bias", Tensor.of(Shape.of(2, 3), 0.5, 0, -0.5, 0, 0, 1));
      program.write("counts", Tensor.of(Shape.of(2, 3), 3.0, 3, 3, 4, 2, 1));
      program.run();
      program.run();
      assertThat(engine.read("router.bias").doubles())
          .containsExactly(0.5, 0, -0.5, -2 * GAMMA, 2 * GAMMA, 1 + 2 * GAMMA);
    }
  }

  @Test
  void equalLoadsLeaveTheBiasAlone() {
    // 49 · (1/49) is below 1 in floating point: a mean by multiplication would find them all too
    // busy
    LanguageModel model = TinyModel.model(TinyModel.config(49, 1, Option.BIAS));
    GraphBuilder g = new GraphBuilder();
    model.recordStateUpdate(g, Optional.of(g.fill(1, Shape.of(2, 49))));
    try (Engine engine = TinyModel.open();
        Program program = engine.compile(g.build())) {
      program.run();
      assertThat(engine.read("router.bias").doubles()).containsOnly(0.0);
    }
  }

  @Test
  void aModelWithoutBiasRecordsNothing() {
    LanguageModel model = TinyModel.model(TinyModel.config(2));
    GraphBuilder g = new GraphBuilder();
    model.recordStateUpdate(g, Optional.of(g.input("counts", Type.real(2, 4))));
    assertThat(g.build().nodes()).isEmpty();
    assertThat(model.stateVariables()).isEmpty();
  }

  @Test
  void maximalViolationIsThatOfTheWorstLayer() {
    assertThat(ExpertLoad.maxViolation(Tensor.of(Shape.of(2, 2), 4.0, 4, 2, 6))).isEqualTo(0.5);
    assertThat(ExpertLoad.maxViolation(Tensor.of(Shape.of(1, 4), 0.0, 8, 0, 0))).isEqualTo(3);
    assertThat(ExpertLoad.maxViolation(Tensor.of(Shape.of(1, 1), 5.0))).isZero();
  }
}
