package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import java.util.Arrays;
import java.util.Locale;

/**
 * GFLOP/s of our float32 product and of the float64 one of TornadoVM's own matrix library on one
 * device, in turns; both send their operands and fetch the result. {@code java … MatricesSpeed n
 * [rounds]}
 */
public final class MatricesSpeed {
  private MatricesSpeed() {}

  /** Prints the medians. */
  public static void main(String[] args) {
    int n = Integer.parseInt(args[0]);
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 9;
    float[] x = new float[n * n];
    for (int i = 0; i < x.length; i++) {
      x[i] = i % 7 - 3;
    }
    Tensor operand = Tensor.of(Shape.of(n, n), x);
    GraphBuilder g = new GraphBuilder();
    g.output("y", g.matMul(g.input("a", Type.real(n, n)), g.input("b", Type.real(n, n))));
    var device = ChosenDevice.get("0:0");
    double[][] seconds = new double[2][rounds];
    try (MatricesPeer peer = new MatricesPeer(device, n);
        DeviceEngine engine = new DeviceEngine("tornado", "", device);
        Program program = engine.compile(g.build())) {
      for (int r = -2; r < rounds; r++) {
        long begin = System.nanoTime();
        program.write("a", operand);
        program.write("b", operand);
        program.run();
        program.read("y");
        long middle = System.nanoTime();
        peer.run();
        long end = System.nanoTime();
        if (r >= 0) {
          seconds[0][r] = (middle - begin) * 1e-9;
          seconds[1][r] = (end - middle) * 1e-9;
        }
      }
    }
    print("ours, float32", n, seconds[0]);
    print("tornado-matrices, float64", n, seconds[1]);
  }

  private static void print(String name, int n, double[] seconds) {
    Arrays.sort(seconds);
    double median = seconds[seconds.length / 2];
    System.out.printf(
        Locale.ROOT, "%-26s n = %d: %.2f GFLOP/s%n", name, n, 2.0 * n * n * n / median * 1e-9);
  }
}
