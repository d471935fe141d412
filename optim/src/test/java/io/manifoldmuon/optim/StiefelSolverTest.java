package io.manifoldmuon.optim;

import static io.manifoldmuon.optim.Manifolds.dot;
import static io.manifoldmuon.optim.Manifolds.matrix;
import static io.manifoldmuon.optim.Manifolds.sum;
import static io.manifoldmuon.optim.Manifolds.times;
import static io.manifoldmuon.optim.Manifolds.transposed;
import static io.manifoldmuon.optim.SolverAnswer.random;
import static io.manifoldmuon.optim.SolverAnswer.solve;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.Shape;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.SingularOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The solvers' answers, judged by decompositions in float64. */
class StiefelSolverTest {
  /** Cold, with a constant ε and one more root in the end. */
  private static Irls irls(int iterations, double epsilon, int roots, int cg, Irls.Pace pace) {
    var smoothing = new Irls.Smoothing(epsilon, epsilon, roots, 1e-3, cg);
    return new Irls(iterations, smoothing, pace, Irls.Finish.ROOT, false);
  }

  /** The optimal value, from many iterations with a small ε. */
  private static double optimum(int m, int n, long seed) {
    return random(irls(40, 1e-4, 30, 200, Irls.Pace.PLAIN), m, n, seed).primal();
  }

  @ParameterizedTest
  @CsvSource({"64,32,0.85,0.95", "128,32,0.92,0.98", "256,32,0.96,0.995"})
  void projectReachesMostOfTheDecrease(int m, int n, double least, double most) {
    double share = random(new StiefelSolver.Project(), m, n, 3).scaledPrimal() / optimum(m, n, 3);
    assertThat(share).isBetween(least, most);
  }

  /** Gaps after cold iterations, on other matrices than the published figures. */
  @ParameterizedTest
  @CsvSource({
    "256,64,5,1e-3",
    "256,64,10,1e-3",
    "128,64,10,2e-2",
    "128,64,20,1e-2",
    "128,64,50,5e-3",
    "64,128,20,1e-2",
    "65,64,5,1.5e-2",
    "65,64,50,5e-3",
    "9,2,10,2e-2"
  })
  void irlsGaps(int m, int n, int iterations, double most) {
    SolverAnswer a = random(irls(iterations, 0.03, 10, 10, Irls.Pace.RELAXED), m, n, 5);
    assertThat(a.gap()).isBetween(0.0, most);
    assertThat(Manifolds.spectralNorm(a.A())).isLessThan(1);
  }

  /** ε → 0 on 256×64, without relaxation. */
  @ParameterizedTest
  @CsvSource({"5,2e-4", "10,1e-5", "20,1e-8"})
  void irlsBecomesTangent(int iterations, double most) {
    SolverAnswer a = random(irls(iterations, 1e-6, 20, 60, Irls.Pace.PLAIN), 256, 64, 5);
    assertThat(a.tangency()).isLessThan(most);
  }

  /** The smoothed dual Σ√(σ² + ε²) of M falls from iteration to iteration. */
  @ParameterizedTest
  @CsvSource({"40,20,PLAIN", "40,20,RELAXED", "21,20,RELAXED", "20,40,PLAIN"})
  void irlsIsMonotone(int m, int n, Irls.Pace pace) {
    double last = Double.POSITIVE_INFINITY;
    for (int i = 1; i <= 12; i++) {
      SolverAnswer a = random(irls(i, 0.03, 15, 40, pace), m, n, 7);
      double smoothed = 0;
      for (double sigma : SingularOps_DDRM.singularValues(a.M())) {
        smoothed += Math.hypot(sigma, 0.03);
      }
      assertThat(smoothed).as("iteration " + i).isLessThan(last + 1e-10);
      last = smoothed;
    }
  }

  @Test
  void irlsOnAGradientOfLowRank() {
    int m = 128;
    int n = 64;
    double[] w = Manifolds.stiefel(Shape.of(m, n), Run.gaussian(Shape.of(m, n), 1), 1);
    DMatrixRMaj left = matrix(m, 8, Run.gaussian(Shape.of(m, 8), 2));
    DMatrixRMaj right = matrix(8, n, Run.gaussian(Shape.of(8, n), 3));
    Irls irls = irls(50, 0.03, 12, 12, Irls.Pace.RELAXED);
    SolverAnswer a = solve("reference", irls, w, times(left, right).data, m, n);
    assertThat(a.gap()).isBetween(0.0, 1e-2);
    assertThat(a.tangency()).isLessThan(1e-3);
    assertThat(Manifolds.spectralNorm(a.A())).isLessThan(1);
  }

  /** One warm iteration a step, on a gradient that drifts. */
  @Test
  void warmStartsHoldTheGap() {
    Shape shape = Shape.of(256, 64);
    Parameter p = new Parameter("w", shape, Role.EXPERT_UP);
    double[] d = Run.gaussian(shape, 2);
    double[] w = Manifolds.stiefel(shape, Run.gaussian(shape, 1), 1);
    StiefelSettings settings = StiefelSettings.of(0.02).withMomentum(0, false);
    StiefelMuon optimizer =
        new StiefelMuon("stiefel", List.of(p), settings, LrSchedule.constant(0));
    try (Run run = new Run("reference", optimizer).with(p, w)) {
      for (int t = 0; t < 8; t++) {
        double[] noise = Run.gaussian(shape, 10 + t);
        Arrays.setAll(d, i -> 0.95 * d[i] + 0.3 * noise[i]);
        run.step(d);
      }
      double[] T = run.snapshot().get("stiefel.t.w").doubles();
      SolverAnswer warm = solve("reference", Irls.training(1), run.read(p), d, 256, 64, T);
      SolverAnswer cold = solve("reference", Irls.training(1), run.read(p), d, 256, 64);
      assertThat(warm.gap()).isLessThan(0.02).isLessThan(cold.gap());
    }
  }

  /** Popular settings on a normal scale; the gap falls with the iterations. */
  @ParameterizedTest
  @CsvSource({"256,64", "64,256", "128,64", "65,64"})
  void dualAscentBeatsProject(int m, int n) {
    double project = random(new StiefelSolver.Project(), m, n, 5).gap();
    double ten = random(DualAscent.of(10, 0.1), m, n, 5).gap();
    double fifty = random(DualAscent.of(50, 0.1), m, n, 5).gap();
    assertThat(ten).isBetween(0.0, project);
    assertThat(fifty).isBetween(0.0, ten);
  }

  /** A matrix that is tangent enough stops, and says after how many iterations. */
  @Test
  void dualAscentStopsAtItsTolerance() {
    var tolerant = new DualAscent(60, 0.1, 5e-3, DualAscent.Convention.LIBRARY, false);
    SolverAnswer a = random(tolerant, 256, 32, 5);
    assertThat(a.tangency()).isLessThan(5e-3);
    assertThat(a.certificate()[5]).isBetween(2.0, 59.0);
  }

  /** Λ ← Λ + α·H with the 2 counted twice, written out. */
  @ParameterizedTest
  @CsvSource({"0.1", "10"})
  void theSeedConventionIsTheCopiedOne(double scale) {
    int m = 24;
    int n = 10;
    Shape shape = Shape.of(m, n);
    double[] w = Manifolds.stiefel(shape, Run.gaussian(shape, 1), 1);
    double[] d = Run.gaussian(shape, 2);
    Arrays.setAll(d, i -> scale * d[i]);
    DMatrixRMaj W = matrix(m, n, w);
    DMatrixRMaj G = matrix(m, n, d);
    DMatrixRMaj Lambda = new DMatrixRMaj(n, n);
    DMatrixRMaj A = G;
    for (int i = 0; i <= 4; i++) {
      DMatrixRMaj twice = times(W, sum(1, Lambda, 1, transposed(Lambda)));
      A = Manifolds.msign(sum(-1, G, -2, twice));
      DMatrixRMaj inner = times(transposed(W), A);
      Lambda = sum(1, Lambda, 0.1, sum(1, inner, 1, transposed(inner)));
    }
    SolverAnswer a = solve("reference", DualAscent.seed(4, 0.1), w, d, m, n);
    assertThat(Run.distance(a.A().data, A.data)).isLessThan(1e-10);
  }

  @ParameterizedTest
  @CsvSource({"256,64,20,5e-3", "128,64,60,2e-2", "64,128,60,2e-2", "65,64,100,2e-2"})
  void admmGaps(int m, int n, int iterations, double most) {
    SolverAnswer a = random(Admm.of(iterations), m, n, 5);
    assertThat(a.gap()).isBetween(0.0, most);
    assertThat(Manifolds.spectralNorm(a.A())).isLessThan(1 + 1e-6);
    assertThat(dot(a.G(), a.A())).isNegative();
  }

  /** Hard problems, among them gradients that are nearly normal to the manifold. */
  @ParameterizedTest
  @CsvSource({
    "128,64,random", "65,64,random", "64,256,random", "128,64,ill", "65,64,ill",
    "128,64,rank8", "65,64,rank8", "256,64,rank1", "128,64,normal", "3,2,random"
  })
  void certifiedIrls(int m, int n, String kind) {
    Shape shape = Shape.of(m, n);
    double[] w = Manifolds.stiefel(shape, Run.gaussian(shape, 1), 1);
    double[] d = hard(kind, w, m, n);
    SolverAnswer a = solve("reference", Irls.certified(50), w, d, m, n);
    assertThat(a.gap()).isBetween(-1e-12, 1e-2);
    DMatrixRMaj S = a.symmetricInner(a.feasible());
    assertThat(Math.sqrt(dot(S, S))).isLessThan(1e-9);
    assertThat(Manifolds.spectralNorm(a.feasible())).isLessThan(1 + 1e-5);
    assertThat(dot(a.G(), a.feasible())).isCloseTo(a.primal(), within(2e-4 * Math.abs(a.primal())));
  }

  private static double[] hard(String kind, double[] w, int m, int n) {
    DMatrixRMaj W = matrix(m, n, w);
    DMatrixRMaj D = matrix(m, n, Run.gaussian(Shape.of(m, n), 2));
    DMatrixRMaj R = matrix(n, n, Run.gaussian(Shape.of(n, n), 3));
    return switch (kind) {
      case "random" -> D.data;
      case "ill" -> {
        for (int i = 0; i < m * n; i++) {
          D.data[i] *= Math.pow(10, -5.0 * (i % n) / Math.max(1, n - 1));
        }
        yield times(D, R).data;
      }
      case "normal" -> sum(1, times(W, sum(1, R, 1, transposed(R))), 0.01, D).data;
      default -> {
        int rank = Integer.parseInt(kind.substring(4));
        DMatrixRMaj left = matrix(m, rank, Run.gaussian(Shape.of(m, rank), 4));
        yield times(left, matrix(rank, n, Run.gaussian(Shape.of(rank, n), 5))).data;
      }
    };
  }

  /** Near-square, M has singular values near 0, and A is as ill-conditioned as they are small. */
  @ParameterizedTest
  @CsvSource({"64,32,2e-3,5e-4", "32,64,2e-3,5e-4", "33,32,5e-2,5e-3"})
  void float32FollowsFloat64(int m, int n, double most, double gap) {
    Shape shape = Shape.of(m, n);
    double[] w = Manifolds.stiefel(shape, Run.gaussian(shape, 1), 1);
    double[] d = Run.gaussian(shape, 2);
    SolverAnswer truth = solve("reference", Irls.training(5), w, d, m, n);
    SolverAnswer got = solve("cpu", Irls.training(5), w, d, m, n);
    assertThat(Run.distance(got.A().data, truth.A().data)).isLessThan(most);
    assertThat(got.gap()).isCloseTo(truth.gap(), within(gap));
    assertThat(got.certificate()[3]).isCloseTo(truth.certificate()[3], within(gap));
  }

  @Test
  void settingsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> Irls.training(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Irls.training(1).withEpsilon(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Irls.Smoothing(0.01, 0.1, 1, 0.1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> DualAscent.of(1, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Admm.of(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
