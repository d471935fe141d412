package io.manifoldmuon.tests.engines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.engine.EngineProvider;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.optim.DualAscent;
import io.manifoldmuon.optim.Irls;
import io.manifoldmuon.optim.LrSchedule;
import io.manifoldmuon.optim.Manifold;
import io.manifoldmuon.optim.OptimizerSession;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.StiefelMuon;
import io.manifoldmuon.optim.StiefelSettings;
import io.manifoldmuon.optim.StiefelSolver;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The solvers of Stiefel updates without a model: a device's program of a Newton–Schulz chain, a
 * dual solve and a retraction, on matrices of the caller.
 */
interface DeviceSolversContract {
  int LONG = 23;
  int SHORT = 10;
  double LR = 0.1;

  /**
   * Of elements of order 1 after two steps. A step of length {@value #LR} goes through some 30
   * products whose sums have up to 23 terms: 0.1·30·23·2⁻²⁴ = 4e-6 where the polar factor is well
   * conditioned, and ten times as much for a tenth.
   */
  double TOLERANCE = 5e-5;

  /** Of WᵀW − I, per element. */
  double RESIDUAL = 5e-6;

  /** The engine's name. */
  String engine();

  @Test
  default void project() {
    compare(new StiefelSolver.Project());
  }

  @Test
  default void dualAscent() {
    compare(new DualAscent(4, 0.1, 1e-3, DualAscent.Convention.LIBRARY, true));
  }

  @Test
  default void irls() {
    compare(Irls.training(2));
  }

  private void compare(StiefelSolver solver) {
    EngineProvider.Probe probe =
        Engines.providers().stream()
            .filter(p -> p.name().equals(engine()))
            .findFirst()
            .orElseThrow()
            .probe();
    assumeTrue(probe.available(), probe.reason());
    for (int[] s : new int[][] {{LONG, SHORT}, {SHORT, LONG}}) {
      double[] got = twoSteps(engine(), solver, s[0], s[1]);
      double[] want = twoSteps("reference", solver, s[0], s[1]);
      for (int i = 0; i < want.length; i++) {
        assertThat(Math.abs(got[i] - want[i]) <= TOLERANCE)
            .as("%s [%d]: %s, wanted %s", Arrays.toString(s), i, got[i], want[i])
            .isTrue();
      }
      assertOrthogonal(got, s[0], s[1]);
    }
  }

  private static double[] twoSteps(String engine, StiefelSolver solver, int m, int n) {
    StiefelMuon optimizer =
        new StiefelMuon(
            "stiefel",
            List.of(Parameter.matrix("w", m, n)),
            StiefelSettings.of(LR).withSolver(solver),
            LrSchedule.constant(0));
    try (OptimizerSession session = OptimizerSession.open(engine, optimizer)) {
      session.write("w", gaussian(m * n, 1));
      session.project("w", new Manifold.Stiefel(1));
      session.step("w", gaussian(m * n, 2));
      session.step("w", gaussian(m * n, 3));
      return session.read("w").doubles();
    }
  }

  private static float[] gaussian(int size, int stream) {
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = (float) CounterRandom.gaussian(11, stream, i);
    }
    return x;
  }

  private static void assertOrthogonal(double[] w, int m, int n) {
    int k = Math.min(m, n);
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        double sum = i == j ? -1 : 0;
        for (int q = 0; q < Math.max(m, n); q++) {
          sum += m > n ? w[q * n + i] * w[q * n + j] : w[i * n + q] * w[j * n + q];
        }
        assertThat(Math.abs(sum) <= RESIDUAL).as("residual (%d, %d) %s", i, j, sum).isTrue();
      }
    }
  }
}
