package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Unary;
import java.util.List;
import java.util.stream.Stream;

/** Compiles, runs and closes programs that together need more memory than the device may give. */
public final class MemoryCycles {
  private MemoryCycles() {}

  /** e^x of a large x, beside so many variables. */
  private static Graph graph(int variables) {
    GraphBuilder g = new GraphBuilder();
    for (int i = 0; i < variables; i++) {
      g.output("w" + i, g.variable("w" + i, Type.real(2000)));
    }
    g.output("y", g.map(Unary.EXP, g.input("x", Type.real(1 << 20))));
    return g.build();
  }

  /** Prints how many programs have run. */
  public static void main(String[] args) {
    Tensor x = Tensor.of(Shape.of(1 << 20), new float[1 << 20]);
    // so many variables and copies of them are sent and made by several graphs
    List<Graph> graphs =
        Stream.concat(
                Stream.of(graph(100)),
                Stream.generate(() -> graph(0)).limit(Integer.parseInt(args[0])))
            .toList();
    try (Engine engine = new DeviceEngine("tornado", "TornadoVM", ChosenDevice.get("0:0"))) {
      for (Graph graph : graphs) {
        try (Program program = engine.compile(graph)) {
          program.write("x", x);
          program.run();
          if (program.read("y").doubles()[0] != 1) {
            throw new AssertionError("exp(0) is not 1");
          }
        }
      }
      System.out.println("ran " + graphs.size());
    }
  }
}
