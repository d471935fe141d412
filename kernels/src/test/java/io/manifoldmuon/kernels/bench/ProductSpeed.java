package io.manifoldmuon.kernels.bench;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;

/**
 * GFLOP/s of square float32 products on several engines in one run, in turns, so that all see the
 * same machine. A replay makes {@value #REPEATS} products one after the other.
 *
 * <p>{@code java … ProductSpeed 512,1024 cpu,tornado [rounds]}
 */
public final class ProductSpeed {
  private static final int REPEATS = 4;
  private static final long SEED = 7;

  private record Entry(
      String engine, String what, int n, double flops, Program program, List<Double> seconds) {}

  private ProductSpeed() {}

  /** Times the products and prints one line each: the best and the median round. */
  public static void main(String[] args) {
    int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 15;
    List<Engine> engines = new ArrayList<>();
    for (String name : args[1].split(",")) {
      engines.add(Engines.open(name, EngineOptions.defaults(), System.out::println));
    }
    for (String size : args[0].split(",")) {
      time(engines, Integer.parseInt(size), rounds);
    }
    engines.forEach(Engine::close);
  }

  private static void time(List<Engine> engines, int n, int rounds) {
    List<Entry> entries = new ArrayList<>();
    double square = 2.0 * n * n * n;
    for (Engine e : engines) {
      entries.add(entry(e, "A·B", n, square, (GraphBuilder g) -> (a, b) -> g.matMul(a, b)));
      entries.add(entry(e, "A·Bᵀ", n, square, (GraphBuilder g) -> (a, b) -> g.matMulNT(a, b)));
      entries.add(entry(e, "Aᵀ·B", n, square, (GraphBuilder g) -> (a, b) -> g.matMulTN(a, b)));
      entries.add(entry(e, "BᵀB", n, square / 2, (GraphBuilder g) -> (_, b) -> g.gram(b, false)));
    }
    entries.forEach(e -> e.program.run());
    for (int r = 0; r < rounds; r++) {
      for (Entry e : entries) {
        long start = System.nanoTime();
        e.program.run();
        e.seconds.add((System.nanoTime() - start) * 1e-9);
      }
    }
    for (Entry e : entries) {
      List<Double> sorted = e.seconds.stream().sorted().toList();
      System.out.printf(
          "%-8s %-5s n = %4d: best %6.1f, median %6.1f GFLOP/s%n",
          e.engine,
          e.what,
          n,
          REPEATS * e.flops / sorted.getFirst() * 1e-9,
          REPEATS * e.flops / sorted.get(rounds / 2) * 1e-9);
    }
    entries.forEach(e -> e.program.close());
  }

  private interface Recorded {
    BinaryOperator<Value> with(GraphBuilder g);
  }

  /** The products are of different left factors, and only their sum is read. */
  private static Entry entry(Engine engine, String what, int n, double flops, Recorded product) {
    GraphBuilder g = new GraphBuilder();
    Shape s = Shape.of(n, n);
    Value b = g.variable("b" + n, Type.real(n, n));
    Value y = b;
    for (int i = 0; i < REPEATS; i++) {
      y = product.with(g).apply(g.variable("a" + i + "x" + n, Type.real(n, n)), b);
      g.output("y" + i, y);
    }
    Program program = engine.compile(g.build());
    engine.write("b" + n, gaussian(s, 0));
    for (int i = 0; i < REPEATS; i++) {
      engine.write("a" + i + "x" + n, gaussian(s, 1 + i));
    }
    return new Entry(engine.name(), what, n, flops, program, new ArrayList<>());
  }

  private static Tensor gaussian(Shape s, int stream) {
    float[] x = new float[s.size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) CounterRandom.gaussian(SEED, stream, i);
    }
    return Tensor.of(s, x);
  }
}
