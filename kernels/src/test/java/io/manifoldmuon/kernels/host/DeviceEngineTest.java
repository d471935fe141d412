package io.manifoldmuon.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import org.junit.jupiter.api.Test;

/** What a graph that cannot be compiled leaves behind. */
class DeviceEngineTest {

  /** Outputs of so many sizes that no task graph has room for their arrays. */
  private static Graph tooManyArrays() {
    GraphBuilder g = new GraphBuilder();
    Value w = g.variable("w", Type.real(1000));
    for (int i = 0; i < GraphCycle.MOST_NODES / 2; i++) {
      g.output("y" + i, g.scale(g.input("x" + i, Type.real(1100 + i)), 2));
    }
    g.output("w", w);
    return g.build();
  }

  @Test
  void aGraphThatDoesNotCompileLeavesNoVariables() {
    GraphBuilder g = new GraphBuilder();
    g.output("y", g.scale(g.variable("w", Type.real(2)), 2));
    try (Engine engine = Engines.open("emulator", EngineOptions.defaults(), _ -> {})) {
      assertThatThrownBy(() -> engine.compile(tooManyArrays())).hasMessageContaining("arrays");
      assertThat(engine.variableBytes()).isZero();
      engine.write("w", Tensor.of(Shape.of(2), 1.0, 2));
      try (Program program = engine.compile(g.build())) {
        program.run();
        assertThat(program.read("y").doubles()).containsExactly(2, 4);
      }
    }
  }
}
