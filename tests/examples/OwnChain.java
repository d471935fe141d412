import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.polar.Msign;
import io.manifoldmuon.linalg.polar.PolarIteration;
import io.manifoldmuon.optim.Irls;
import io.manifoldmuon.optim.LrSchedule;
import io.manifoldmuon.optim.Manifold;
import io.manifoldmuon.optim.OptimizerSession;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.StiefelMuon;
import io.manifoldmuon.optim.StiefelSettings;
import java.util.List;
import java.util.Random;

/**
 * The task graphs of a Newton–Schulz chain with a retraction, and of a dual solve, on matrices of
 * its own and without the model. The argument names the engine, {@code emulator} or {@code tornado}.
 */
public final class OwnChain {
  private static final int COUNT = 3;
  private static final int ROWS = 24;
  private static final int COLUMNS = 8;

  private OwnChain() {}

  public static void main(String[] args) {
    String name = args.length > 0 ? args[0] : "emulator";
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(COUNT, ROWS, COLUMNS));
    Value factor = Msign.record(g, x, PolarIteration.polarExpress(8));
    g.output("w", Msign.retraction(g, factor, 1));
    Shape shape = Shape.of(COUNT, ROWS, COLUMNS);
    try (Engine engine = Engines.open(name, EngineOptions.defaults(), System.err::println);
        Program chain = engine.compile(g.build())) {
      chain.write("x", Tensor.of(shape, gaussian(shape.size(), 1)));
      chain.run(); // again and again, with other matrices
      System.out.print(chain.plan()); // task graphs, kernels, grids, bytes, flops
      System.out.println("chain: off the manifold by " + off(chain.read("w").floats(), COUNT));
    }

    var settings = StiefelSettings.of(0.1).withSolver(Irls.training(2));
    var w = List.of(Parameter.matrix("w", ROWS, COLUMNS));
    var muon = new StiefelMuon("stiefel", w, settings, LrSchedule.constant(0));
    try (var session = OptimizerSession.open(name, muon)) {
      session.write("w", gaussian(ROWS * COLUMNS, 2));
      session.project("w", new Manifold.Stiefel(1));
      session.step("w", gaussian(ROWS * COLUMNS, 3));
      System.out.println("dual solve: off the manifold by " + off(session.read("w").floats(), 1));
    }
  }

  private static float[] gaussian(int size, int seed) {
    Random random = new Random(seed);
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  /** max|WᵀW − I| over the matrices. */
  private static double off(float[] w, int count) {
    double most = 0;
    for (int c = 0; c < count; c++) {
      for (int i = 0; i < COLUMNS; i++) {
        for (int j = 0; j < COLUMNS; j++) {
          double sum = i == j ? -1 : 0;
          for (int row = 0; row < ROWS; row++) {
            int at = (c * ROWS + row) * COLUMNS;
            sum += (double) w[at + i] * w[at + j];
          }
          most = Math.max(most, Math.abs(sum));
        }
      }
    }
    return most;
  }
}
