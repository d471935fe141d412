package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.model.config.ModelConfig;
import java.util.Arrays;

/** How fast an engine multiplies matrices. */
public final class ProductRate {
  private static final int ROWS = 256;
  private static final int MOST_REPEATS = 20;
  private static final long LONG_ENOUGH_NANOS = 300_000_000L;
  private static final double NANOS_PER_SECOND = 1e9;

  private ProductRate() {}

  /**
   * Floating-point operations a second of a product of the size of an expert's, the fastest of a
   * few.
   */
  public static double measure(Engine engine, ModelConfig config) {
    GraphBuilder g = new GraphBuilder();
    int d = config.dModel();
    int f = config.dFf();
    g.output("y", g.matMulNT(g.input("x", Type.real(ROWS, d)), g.input("w", Type.real(f, d))));
    try (Program program = engine.compile(g.build())) {
      program.write("x", ones(ROWS, d));
      program.write("w", ones(f, d));
      long best = Long.MAX_VALUE;
      long start = System.nanoTime();
      for (int i = 0; i < MOST_REPEATS && System.nanoTime() - start < LONG_ENOUGH_NANOS; i++) {
        long before = System.nanoTime();
        program.run();
        best = Math.min(best, System.nanoTime() - before);
      }
      return 2.0 * ROWS * d * f / (best / NANOS_PER_SECOND);
    }
  }

  private static Tensor ones(int rows, int columns) {
    float[] x = new float[rows * columns];
    Arrays.fill(x, 1);
    return Tensor.of(Shape.of(rows, columns), x);
  }
}
