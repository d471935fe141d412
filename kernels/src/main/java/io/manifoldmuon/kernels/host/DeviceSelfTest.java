package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.EngineProvider.SelfTest;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Align;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One small computation of each pattern that kernels use, replayed twice with a changed input,
 * against the reference engine: a TornadoVM device can compile a kernel to something else, or not
 * run it at all, and say nothing.
 */
final class DeviceSelfTest {
  /** Relative to the largest value of an output: float32 sums of a hundred terms, with a margin. */
  private static final double TOLERANCE = 1e-5;

  private DeviceSelfTest() {}

  static SelfTest run(DeviceEngine engine) {
    long start = System.nanoTime();
    Graph graph = graph();
    try (Engine reference = Engines.open("reference", EngineOptions.defaults(), _ -> {})) {
      Map<String, Tensor> want = replay(reference, graph);
      Map<String, Tensor> got = replay(engine, graph);
      for (Map.Entry<String, Tensor> e : want.entrySet()) {
        String wrong = compare(e.getValue(), got.get(e.getKey()));
        if (!wrong.isEmpty()) {
          return new SelfTest(false, e.getKey() + ": " + wrong);
        }
      }
      String hidden = nanIsKept(engine);
      if (!hidden.isEmpty()) {
        return new SelfTest(false, hidden);
      }
      return new SelfTest(
          true, want.size() + " patterns in " + (System.nanoTime() - start) / 1_000_000 + " ms");
    } catch (RuntimeException e) {
      return new SelfTest(false, e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  private static Graph graph() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(33, 70));
    Value w = g.variable("w", Type.real(4, 29, 70));
    Value t = g.scalarInput("t");
    g.output("elementwise", g.map(Unary.SILU, x));
    g.output("changing scalar", g.zip(Binary.MUL, x, t));
    g.output("row tree", g.softmax(x));
    g.output("column pieces", g.sum(x, Shape.of(70), Align.SUFFIX));
    g.output("pieces of a row", g.sum(g.expand(x, Shape.of(9, 33, 70), Align.SUFFIX)));
    g.output("product", g.matMulNT(x, g.slice(w, 29 * 70, 29, 70)));
    g.output("gram", g.record(new Op.Gram(false), x).getFirst());
    // on tensor cores, where there are any
    Value rounded = g.map(Unary.ROUND_BFLOAT16, g.slice(x, 0, 64, 32));
    g.output("product of rounded numbers", g.matMulNT(rounded, rounded));
    Value index = g.topK(g.slice(x, 0, 33, 4), 2);
    GraphBuilder.Routing routing = g.dispatch(index, 4);
    g.output("top-k", index);
    g.output("sort", routing.position());
    Value rows = g.gatherTokens(x, routing.position());
    Value hidden = g.groupedMatMul(rows, w, routing.offsets(), true);
    g.output("grouped product", hidden);
    Value qkv = g.slice(x, 0, 2, 16, 72);
    g.output("attention", g.causalAttention(g.rope(qkv, 3, 10000), 3, 0.4));
    g.output("noise", g.gaussianNoise(g.input("seed", Type.integer()), Shape.of(100)));
    g.assign("w", g.lerp(w, g.scale(w, 2), t));
    return g.build();
  }

  private static Map<String, Tensor> replay(Engine engine, Graph graph) {
    engine.write("w", sample(Shape.of(4, 29, 70), 1));
    Map<String, Tensor> results = new LinkedHashMap<>();
    try (Program p = engine.compile(graph)) {
      p.write("x", sample(Shape.of(33, 70), 2));
      for (int run = 0; run < 2; run++) {
        p.write("t", Tensor.scalar(0.25 + run));
        p.write("seed", Tensor.scalar(run));
        p.run();
      }
      graph.outputs().keySet().forEach(label -> results.put(label, p.read(label)));
    }
    results.put("variable", engine.read("w"));
    return results;
  }

  private static Tensor sample(Shape shape, long stream) {
    float[] x = new float[shape.size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (2 * CounterRandom.uniform(5, stream, i) - 1);
    }
    return Tensor.of(shape, x);
  }

  private static String compare(Tensor want, Tensor got) {
    double[] w = doubles(want);
    double[] g = doubles(got);
    double scale = 1;
    for (double v : w) {
      scale = Math.max(scale, Math.abs(v));
    }
    for (int i = 0; i < w.length; i++) {
      if (!(Math.abs(g[i] - w[i]) <= TOLERANCE * scale)) {
        return "element " + i + " is " + g[i] + ", wanted " + w[i];
      }
    }
    return "";
  }

  private static double[] doubles(Tensor x) {
    return switch (x.dtype()) {
      case REAL -> x.doubles();
      case INT -> Arrays.stream(x.ints()).asDoubleStream().toArray();
    };
  }

  /** Fast-math compilers drop comparisons with NaN. */
  private static String nanIsKept(DeviceEngine engine) {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(3));
    List<Value> y = List.of(g.zip(Binary.MAX, x, g.constant(0)));
    g.output("max", y.getFirst());
    g.output("largest", g.record(new Op.MaxAbs(0), x).getFirst());
    try (Program p = engine.compile(g.build())) {
      p.write("x", Tensor.of(Shape.of(3), 1f, Float.NaN, 2f));
      p.run();
      boolean kept =
          Double.isNaN(p.read("max").doubles()[1]) && Double.isNaN(p.readScalar("largest"));
      return kept
          ? ""
          : "NaN is lost: compile kernels without fast-math, "
              + "-Dtornado.opencl.compiler.flags=\"-cl-mad-enable -w\"";
    }
  }
}
