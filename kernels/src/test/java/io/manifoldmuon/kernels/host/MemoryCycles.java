package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import java.util.Map;

/** Compiles, runs and closes programs that together need more memory than the device may give. */
public final class MemoryCycles {
  private MemoryCycles() {}

  /** A graph of one large value after another, or of so many that their arrays are in two loads. */
  private static Graph graph(int size, int outputs) {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(size));
    int part = size / outputs;
    for (int i = 0; i < outputs; i++) {
      g.output("y" + i, g.map(Unary.EXP, g.map(Unary.SQUARE, g.slice(x, i * part, part))));
    }
    return g.build();
  }

  /** Prints how many programs have run. */
  public static void main(String[] args) {
    try (Engine engine = new DeviceEngine("tornado", "TornadoVM", ChosenDevice.get("0:0"))) {
      int ran = 0;
      for (Map.Entry<Graph, Integer> times :
          Map.of(graph(1 << 20, 1), Integer.parseInt(args[0]), graph(1 << 19, 256), 2).entrySet()) {
        Graph graph = times.getKey();
        Shape shape = graph.type(graph.inputs().get("x")).shape();
        for (int i = 0; i < times.getValue(); i++, ran++) {
          try (Program program = engine.compile(graph)) {
            program.write("x", Tensor.of(shape, new float[shape.size()]));
            program.run();
            if (program.read("y0").doubles()[0] != 1) {
              throw new AssertionError("exp(0²) is not 1");
            }
          }
        }
      }
      System.out.println("ran " + ran);
    }
  }
}
