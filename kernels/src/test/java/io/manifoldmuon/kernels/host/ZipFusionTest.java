package io.manifoldmuon.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** Element-wise ops that share a launch, and small values that do. */
class ZipFusionTest {
  private static final Shape MATRIX = Shape.of(33, 35);

  /** Two float32 operations on numbers of order 1, and a quotient by numbers of at least ½. */
  private static final double TOLERANCE = 2e-6;

  /** Every way to be a pair, behind so many values that their numbers are no cached objects. */
  private static Graph pairs() {
    GraphBuilder g = new GraphBuilder();
    Value a = g.input("a", Type.real(33, 35));
    Value d = g.input("d", Type.real(33, 35));
    Value row = g.input("row", Type.real(35));
    Value rows = g.input("rows", Type.real(33));
    Value t = g.input("t", Type.real());
    Value many = t;
    for (int i = 0; i < 200; i++) {
      many = g.add(many, t);
    }
    g.output("many", many);
    g.output("a·t + d", g.add(g.mul(a, t), d));
    g.output("d − a·rows", g.sub(d, g.mul(a, rows)));
    g.output("a·row − d", g.sub(g.zipColumns(Binary.MUL, a, row), d));
    g.output("(a + d) / rows", g.div(g.add(a, d), rows));
    g.output("max(a, d)·row", g.zipColumns(Binary.MUL, g.zip(Binary.MAX, a, d), row));
    Value product = g.mul(a, d);
    g.output("product", product);
    g.output("read twice", g.add(product, a));
    return g.build();
  }

  private static Map<String, double[]> run(String name) {
    try (Engine engine = Engines.open(name, EngineOptions.defaults(), _ -> {});
        Program program = engine.compile(pairs())) {
      program.write("a", tensor(MATRIX, 1));
      program.write("d", tensor(MATRIX, 2));
      program.write("row", tensor(Shape.of(35), 3));
      program.write("rows", tensor(Shape.of(33), 4));
      program.write("t", tensor(Shape.scalar(), 5));
      program.run();
      Map<String, double[]> all = new TreeMap<>();
      program
          .graph()
          .outputs()
          .keySet()
          .forEach(label -> all.put(label, program.read(label).doubles()));
      return all;
    }
  }

  /** Between ½ and 3/2. */
  private static Tensor tensor(Shape s, int stream) {
    float[] x = new float[s.size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (0.5 + CounterRandom.uniform(5, stream, i));
    }
    return Tensor.of(s, x);
  }

  @Test
  void pairsAreTheReferences() {
    Map<String, double[]> want = run("reference");
    Map<String, double[]> got = run("emulator");
    assertThat(got).hasSameSizeAs(want);
    want.forEach(
        (label, w) -> {
          double scale = "many".equals(label) ? 400 : 4;
          for (int i = 0; i < w.length; i++) {
            assertThat(Math.abs(got.get(label)[i] - w[i]) <= scale * TOLERANCE)
                .as("%s [%d]: %s, wanted %s", label, i, got.get(label)[i], w[i])
                .isTrue();
          }
        });
  }

  @Test
  void aPairIsOneLaunchAndSmallValuesAreOneInAll() {
    TornadoDevice device = Runtimes.devices().getFirst().device();
    // with the products of GPUs, where runs of such launches are not joined
    try (Engine engine = new DeviceEngine("emulator", "", device, ProductKernels.TILED);
        Program program = engine.compile(pairs())) {
      String plan = program.plan();
      assertThat(plan).contains("8 tasks of 8 codes in 1 task graphs", "smallStepsF32 200");
      assertThat(plan.lines().filter(l -> l.contains("zipZipF32"))).hasSize(5);
      assertThat(plan.lines().filter(l -> l.contains(" zipF32"))).as("read twice").hasSize(2);
    }
  }
}
