import io.manifoldmuon.optim.LrSchedule;
import io.manifoldmuon.optim.Manifold;
import io.manifoldmuon.optim.OptimizerSession;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.StiefelMuon;
import io.manifoldmuon.optim.StiefelSettings;
import java.util.List;
import java.util.Random;

/**
 * A program of its own that minimises a function of its own over matrices with orthonormal columns.
 *
 * <p>The function is −Σ W∘C with C = Q·diag(1, …, 16) and Q the first cosines of the discrete cosine
 * transform, which are orthonormal; its minimum over WᵀW = I is at W = Q, so that the program can say
 * how far it came.
 */
public final class OwnArrays {
  private static final int ROWS = 64;
  private static final int COLUMNS = 16;

  private OwnArrays() {}

  public static void main(String[] args) {
    float[] weights = new float[ROWS * COLUMNS];
    Random random = new Random(1);
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }

    var w = List.of(Parameter.matrix("w", 64, 16));
    var muon = new StiefelMuon("muon", w, StiefelSettings.of(0.1), LrSchedule.linear(0, 300, 0));
    try (var session = OptimizerSession.open("auto", muon)) {
      session.write("w", weights); // a float[], row by row
      session.project("w", new Manifold.Stiefel(1)); // to the nearest orthonormal columns
      for (int step = 0; step < 300; step++) {
        session.step("w", gradient(session.read("w").floats()));
      }
      weights = session.read("w").floats();
    }

    System.out.println("off the manifold by " + offManifold(weights));
    System.out.println("off the minimum by " + offMinimum(weights));
  }

  /** −C, whatever the weights. */
  private static float[] gradient(float[] weights) {
    float[] gradient = new float[weights.length];
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = (float) (-cosine(i) * (1 + i % COLUMNS));
    }
    return gradient;
  }

  /** An element of Q. */
  private static double cosine(int i) {
    int row = i / COLUMNS;
    int column = i % COLUMNS;
    return Math.sqrt((column == 0 ? 1.0 : 2.0) / ROWS)
        * Math.cos(Math.PI * (row + 0.5) * column / ROWS);
  }

  /** max|WᵀW − I|. */
  private static double offManifold(float[] w) {
    double most = 0;
    for (int i = 0; i < COLUMNS; i++) {
      for (int j = 0; j < COLUMNS; j++) {
        double sum = i == j ? -1 : 0;
        for (int row = 0; row < ROWS; row++) {
          sum += (double) w[row * COLUMNS + i] * w[row * COLUMNS + j];
        }
        most = Math.max(most, Math.abs(sum));
      }
    }
    return most;
  }

  /** max|W − Q|. */
  private static double offMinimum(float[] w) {
    double most = 0;
    for (int i = 0; i < w.length; i++) {
      most = Math.max(most, Math.abs(w[i] - cosine(i)));
    }
    return most;
  }
}
