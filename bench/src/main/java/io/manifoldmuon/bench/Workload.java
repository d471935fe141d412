package io.manifoldmuon.bench;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Flops;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.linalg.graph.Type;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Work whose time is worth knowing.
 *
 * @param name {@code family/what}
 * @param flops the floating-point operations of its products, symmetric ones counted as half
 * @param bytes what has to be read and written at least: float32 inputs, variables and outputs
 * @param opening sets it up on an engine
 */
record Workload(String name, double flops, double bytes, Function<Engine, Replay> opening) {
  static final long SEED = 7;

  /**
   * A recording on random inputs and variables; its integer inputs are written by {@code prepare}.
   */
  static Workload of(String name, Consumer<GraphBuilder> recording, Consumer<Program> prepare) {
    GraphBuilder g = new GraphBuilder();
    recording.accept(g);
    Graph graph = g.build();
    return new Workload(name, flops(graph), bytes(graph), engine -> open(engine, graph, prepare));
  }

  /** A recording on random real inputs and variables. */
  static Workload of(String name, Consumer<GraphBuilder> recording) {
    return of(name, recording, _ -> {});
  }

  static double flops(Graph graph) {
    return Arrays.stream(Phase.values()).mapToDouble(phase -> Flops.of(graph, phase)).sum();
  }

  static double bytes(Graph graph) {
    return Stream.of(graph.inputs(), graph.variables(), graph.outputs())
        .map(Map::values)
        .flatMap(Collection::stream)
        .mapToDouble(value -> 4.0 * graph.type(value).shape().size())
        .sum();
  }

  private static Replay open(Engine engine, Graph graph, Consumer<Program> prepare) {
    Program program = engine.compile(graph);
    graph
        .variables()
        .forEach((label, value) -> engine.write(label, gaussian(label, graph.type(value).shape())));
    graph
        .inputs()
        .forEach(
            (label, value) -> {
              Type type = graph.type(value);
              if (type.dtype() == DType.REAL) {
                program.write(label, gaussian(label, type.shape()));
              }
            });
    prepare.accept(program);
    return new Replay() {
      @Override
      public void run() {
        program.run();
      }

      @Override
      public void close() {
        program.close();
      }
    };
  }

  /** N(0, 1), decided by the name. */
  static Tensor gaussian(String name, Shape shape) {
    long stream = CounterRandom.stream(name);
    float[] x = new float[shape.size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) CounterRandom.gaussian(SEED, stream, i);
    }
    return Tensor.of(shape, x);
  }
}
