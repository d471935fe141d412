package io.manifoldmuon.linalg.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A probed graph finds the first number that is not finite, and changes nothing. */
class ProbedGraphTest {

  /** w ← w − log(x)·w, then twice the new w; a view stands between. */
  private static Graph graph() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(4));
    Value w = g.variable("w", Type.real(2, 2));
    g.scope(
        "layers.3",
        () -> {
          Value root = g.reshape(g.map(Unary.SQRT, x), 2, 2);
          Value next = g.assign("w", g.sub(w, g.mul(root, w)));
          g.output("y", g.scale(next, 2));
        });
    return g.build();
  }

  private static Optional<ProbedGraph.Probe> first(Engine engine, float... x) {
    ProbedGraph probed = ProbedGraph.of(graph());
    try (Program program = engine.compile(probed.graph())) {
      program.write("x", Tensor.of(Shape.of(4), x));
      program.run();
      return probed.firstNotFinite(program::readScalar);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "reference"})
  void theFirstNodeIsNamed(String name) {
    try (Engine engine = Engines.open(name, EngineOptions.defaults(), notice -> {})) {
      Tensor w = Tensor.of(Shape.of(2, 2), 1f, 2f, 3f, 4f);
      engine.write("w", w);
      assertThat(first(engine, 1, 2, 3, 4)).isEmpty();
      var negative = first(engine, 1, 2, -3, 4).orElseThrow();
      assertThat(negative.node().where()).isEqualTo("Map in layers.3");
      var input = first(engine, 1, Float.POSITIVE_INFINITY, 3, 4).orElseThrow();
      assertThat(input.node().op()).isInstanceOf(Op.Input.class);
      assertThat(engine.read("w").floats()).as("nothing is assigned").isEqualTo(w.floats());
      engine.write("w", Tensor.of(Shape.of(2, 2), 1f, 2f, Float.NaN, 4f));
      var variable = first(engine, 1, 2, 3, 4).orElseThrow();
      assertThat(variable.node().op()).isInstanceOf(Op.Variable.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "reference"})
  void aProductThatOverflowsIsFoundWhereItIsMade(String name) {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(2, 2));
    Value square = g.matMul(x, x);
    g.output("y", g.map(Unary.SQRT, g.map(Unary.SQUARE, square)));
    ProbedGraph probed = ProbedGraph.of(g.build());
    try (Engine engine = Engines.open(name, EngineOptions.defaults(), notice -> {});
        Program program = engine.compile(probed.graph())) {
      program.write("x", Tensor.of(Shape.of(2, 2), 1e30f, 1e30f, 1e30f, 1e30f));
      program.run();
      var found = probed.firstNotFinite(program::readScalar);
      if (name.equals("cpu")) { // float32 ends at 3.4e38, float64 holds 1e120
        assertThat(found.orElseThrow().node().op()).isInstanceOf(Op.MatMul.class);
      } else {
        assertThat(found).isEmpty();
      }
    }
  }
}
