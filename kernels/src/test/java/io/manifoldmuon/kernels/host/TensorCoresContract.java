package io.manifoldmuon.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.polar.Msign;
import io.manifoldmuon.linalg.polar.PolarIteration;
import io.manifoldmuon.linalg.polar.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** Newton–Schulz chains whose products tensor cores make, against the reference. */
abstract class TensorCoresContract {
  /**
   * Of the norm: where a number lies in the middle between two of bfloat16, the last bit of a sum
   * decides, and five steps carry it on.
   */
  private static final double TOLERANCE = 0.02;

  abstract TornadoDevice device();

  private Engine open() {
    return new DeviceEngine("tensor", "", device(), ProductKernels.TILED, false, true);
  }

  private static Graph chain(PolarIteration iteration, Shape shape) {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(shape));
    g.output("y", Msign.record(g, x, iteration.in(Precision.BFLOAT16)));
    return g.build();
  }

  private static double[] run(Engine engine, Graph graph, Shape shape) {
    try (engine;
        Program p = engine.compile(graph)) {
      p.write("x", gaussian(shape));
      p.run();
      return p.read("y").doubles();
    }
  }

  private static Tensor gaussian(Shape shape) {
    float[] x = new float[shape.size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) CounterRandom.gaussian(17, 1, i);
    }
    return Tensor.of(shape, x);
  }

  private static double[] byReference(Graph graph, Shape shape) {
    return run(Engines.open("reference", EngineOptions.defaults(), _ -> {}), graph, shape);
  }

  private static double distance(double[] a, double[] b) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < a.length; i++) {
      difference += (a[i] - b[i]) * (a[i] - b[i]);
      norm += b[i] * b[i];
    }
    return Math.sqrt(difference / norm);
  }

  @ParameterizedTest
  @CsvSource({
    "muon-quintic, 2, 32, 48",
    "muon-quintic, 2, 48, 32",
    "muon-quintic, 1, 144, 136",
    "polar-express, 3, 64, 64",
    "cubic, 2, 16, 40"
  })
  void aChainIsTheReferences(String name, int count, int m, int n) {
    Shape shape = Shape.of(count, m, n);
    Graph graph = chain(PolarIteration.of(name, 5), shape);
    assertThat(distance(run(open(), graph, shape), byReference(graph, shape)))
        .isLessThan(TOLERANCE);
  }

  /** Sizes that are no multiples of a fragment's: the kernels in float32, of rounded numbers. */
  @ParameterizedTest
  @CsvSource({"2, 17, 40", "1, 33, 31"})
  void otherSizesAreTheReferencesToo(int count, int m, int n) {
    Shape shape = Shape.of(count, m, n);
    Graph graph = chain(PolarIteration.muonQuintic(5), shape);
    assertThat(distance(run(open(), graph, shape), byReference(graph, shape)))
        .isLessThan(TOLERANCE);
  }

  @Test
  void allProductsAreOnTensorCoresAndNothingIsRoundedBefore() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(2, 64, 96));
    PolarIteration iteration = PolarIteration.muonQuintic(5).in(Precision.BFLOAT16);
    g.output("norms", Msign.norm(g, Msign.record(g, x, iteration)));
    try (Engine engine = open();
        Program p = engine.compile(g.build())) {
      String[] words = p.plan().split("\\s+");
      assertThat(words).filteredOn("gramTensorBF16"::equals).hasSize(5);
      assertThat(words).filteredOn("gramSumTensorBF16"::equals).hasSize(5);
      assertThat(words).filteredOn("matMulSumTensorBF16"::equals).hasSize(5);
      assertThat(words).noneMatch(w -> w.contains("TiledF32") || w.startsWith("map"));
    }
  }

  /** What is rounded is read by a product before, and by one after, the variable's new content. */
  @Test
  void aRoundedVariableIsItsOldContent() {
    Shape shape = Shape.of(32, 32);
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(shape));
    Value w = g.variable("w", Type.real(shape));
    Value rounded = g.map(Unary.ROUND_BFLOAT16, w);
    g.assign("w", g.scale(x, 100));
    g.output("y", g.matMul(rounded, g.map(Unary.ROUND_BFLOAT16, x)));
    Graph graph = g.build();
    double[] got;
    try (Engine engine = open()) {
      engine.write("w", gaussian(shape));
      got = run(engine, graph, shape);
    }
    Engine reference = Engines.open("reference", EngineOptions.defaults(), _ -> {});
    reference.write("w", gaussian(shape));
    assertThat(distance(got, run(reference, graph, shape))).isLessThan(1e-6);
  }

  /** The rounded numbers are an output, too: they are made, and products read them. */
  @Test
  void whatElseIsReadIsRounded() {
    Shape shape = Shape.of(32, 40);
    GraphBuilder g = new GraphBuilder();
    Value rounded = g.map(Unary.ROUND_BFLOAT16, g.input("x", Type.real(shape)));
    g.output("rounded", rounded);
    g.output("y", g.matMul(rounded, rounded, false, true));
    Graph graph = g.build();
    try (Engine engine = open();
        Program p = engine.compile(graph)) {
      assertThat(p.plan()).contains("matMulTensorBF16", "mapF32");
      assertThat(distance(run(open(), graph, shape), byReference(graph, shape))).isLessThan(1e-6);
    }
  }
}
