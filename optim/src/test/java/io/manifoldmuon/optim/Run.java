package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** An optimizer on an engine, stepped by gradients that the test makes. */
final class Run implements AutoCloseable {
  private final Optimizer optimizer;
  private final Engine engine;
  private final Program program;
  private final Retraction retraction;
  private long step;

  Run(String engineName, Optimizer optimizer) {
    this.optimizer = optimizer;
    GraphBuilder g = new GraphBuilder();
    Map<Parameter, Value> gradients = new LinkedHashMap<>();
    for (Parameter p : optimizer.parameters()) {
      gradients.put(p, g.input("d." + p.variable(), p.type()));
    }
    optimizer.record(g, gradients, g.constant(1));
    engine = Engines.open(engineName, EngineOptions.defaults(), _ -> {});
    program = engine.compile(g.build());
    retraction = new Retraction(engine, optimizer);
  }

  Run with(Parameter p, double[] value) {
    engine.write(p.variable(), Tensor.of(p.shape(), value));
    return this;
  }

  Engine engine() {
    return engine;
  }

  double[] read(Parameter p) {
    return engine.read(p.variable()).doubles();
  }

  /** One step on given gradients. */
  void step(Map<Parameter, double[]> gradients) {
    gradients.forEach((p, d) -> program.write("d." + p.variable(), Tensor.of(p.shape(), d)));
    optimizer.writeInputs(program, step);
    program.run();
    retraction.afterStep(step++);
  }

  /** One step of an optimizer of one parameter. */
  void step(double[] gradient) {
    step(Map.of(optimizer.parameters().getFirst(), gradient));
  }

  /** Steps along a gradient field. */
  void descend(int steps, UnaryOperator<double[]> gradient) {
    Parameter p = optimizer.parameters().getFirst();
    for (int i = 0; i < steps; i++) {
      step(gradient.apply(read(p)));
    }
  }

  /** Weights and state by name. */
  Map<String, Tensor> snapshot() {
    Map<String, Tensor> all = new TreeMap<>();
    optimizer.parameters().forEach(p -> all.put(p.variable(), engine.read(p.variable())));
    optimizer.state().forEach(s -> all.put(s.name(), engine.read(s.name())));
    return all;
  }

  /** Goes on from a snapshot as after {@code steps} steps. */
  void restore(Map<String, Tensor> snapshot, long steps) {
    snapshot.forEach(engine::write);
    step = steps;
  }

  /** An output of the last step. */
  double[] output(String label) {
    return program.read(label).doubles();
  }

  @Override
  public void close() {
    program.close();
    engine.close();
  }

  static double[] gaussian(Shape shape, long seed) {
    double[] x = new double[shape.size()];
    Arrays.setAll(x, i -> CounterRandom.gaussian(seed, 0, i));
    return x;
  }

  /** max|a − b|; NaN wins. */
  static double distance(double[] a, double[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      double d = Math.abs(a[i] - b[i]);
      most = d <= most ? most : d;
    }
    return most;
  }

  /** The transposed members of a stack of [m, n] matrices. */
  static double[] transposed(double[] x, int m, int n) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int s = i / (m * n);
      y[s * m * n + i % n * m + i / n % m] = x[i];
    }
    return y;
  }
}
