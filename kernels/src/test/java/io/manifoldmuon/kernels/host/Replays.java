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
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Graphs on numbers that depend on their labels alone, on a device and on the reference. */
final class Replays {
  private Replays() {}

  /** All outputs and variables after some replays. */
  static Map<String, double[]> run(Supplier<Engine> open, Graph graph, int replays) {
    try (Engine engine = open.get();
        Program program = engine.compile(graph)) {
      graph
          .variables()
          .forEach((label, id) -> engine.write(label, tensor(graph.type(id).shape(), label)));
      graph
          .inputs()
          .forEach((label, id) -> program.write(label, tensor(graph.type(id).shape(), label)));
      for (int i = 0; i < replays; i++) {
        program.run();
      }
      Map<String, double[]> all = new HashMap<>();
      graph.outputs().keySet().forEach(label -> all.put(label, numbers(program.read(label))));
      graph
          .variables()
          .keySet()
          .forEach(label -> all.put("variable " + label, engine.read(label).doubles()));
      return all;
    }
  }

  private static double[] numbers(Tensor x) {
    return switch (x.dtype()) {
      case REAL -> x.doubles();
      case INT -> Arrays.stream(x.ints()).asDoubleStream().toArray();
    };
  }

  /** Between −½ and ½, matrices over the root of their width, so that products stay of order 1. */
  private static Tensor tensor(Shape s, String label) {
    if (s.rank() == 0) {
      return Tensor.of(s, new float[] {0.75f});
    }
    float[] x = new float[s.size()];
    double scale = s.rank() == 3 ? 2 / Math.sqrt(s.dim(-1)) : 1;
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (scale * (CounterRandom.uniform(7, label.hashCode(), i) - 0.5));
    }
    return Tensor.of(s, x);
  }

  static String plan(Supplier<Engine> open, Graph graph) {
    try (Engine engine = open.get();
        Program program = engine.compile(graph)) {
      return program.plan();
    }
  }

  /** Compares all results with those of the reference, relative to 1 or to what is larger. */
  static void compare(Supplier<Engine> open, Graph graph, int replays, double tolerance) {
    Map<String, double[]> want =
        run(() -> Engines.open("reference", EngineOptions.defaults(), _ -> {}), graph, replays);
    Map<String, double[]> got = run(open, graph, replays);
    assertThat(got).hasSameSizeAs(want);
    want.forEach(
        (label, w) -> {
          for (int i = 0; i < w.length; i++) {
            assertThat(
                    Math.abs(got.get(label)[i] - w[i]) <= tolerance * Math.max(1, Math.abs(w[i])))
                .as("%s [%d]: %s, wanted %s", label, i, got.get(label)[i], w[i])
                .isTrue();
          }
        });
  }
}
