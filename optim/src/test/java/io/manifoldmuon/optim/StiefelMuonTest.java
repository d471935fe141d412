package io.manifoldmuon.optim;

import static io.manifoldmuon.optim.Manifolds.matrix;
import static io.manifoldmuon.optim.Manifolds.msign;
import static io.manifoldmuon.optim.Manifolds.sum;
import static io.manifoldmuon.optim.Manifolds.times;
import static io.manifoldmuon.optim.Manifolds.transposed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.polar.PolarIteration;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StiefelMuonTest {
  private static final LrSchedule CONSTANT = LrSchedule.constant(0);
  private static final double LR = 0.05;

  /** Float64, to rounding, without momentum, so that a step is that of the gradient. */
  private static final StiefelSettings EXACT =
      StiefelSettings.of(LR)
          .withMomentum(0, false)
          .withPolar(PolarIteration.polarExpress(30))
          .withTolerance(1e-16);

  private static Parameter parameter(int... dims) {
    return new Parameter("w", Shape.of(dims), Role.ATTENTION);
  }

  private static StiefelMuon stiefel(Parameter p, StiefelSettings settings) {
    return new StiefelMuon("stiefel", List.of(p), settings, CONSTANT);
  }

  private static double[] start(Parameter p, long seed) {
    return Manifolds.stiefel(p.shape(), Run.gaussian(p.shape(), seed), 1);
  }

  /** The weights after one step. */
  private static double[] step(
      String engine, Parameter p, StiefelSettings settings, double[] w, double[] d) {
    try (Run run = new Run(engine, stiefel(p, settings)).with(p, w)) {
      run.step(d);
      return run.read(p);
    }
  }

  private static double residual(String engineName, Parameter p, double[] w) {
    try (Engine engine = Engines.open(engineName, EngineOptions.defaults(), _ -> {})) {
      engine.write(p.variable(), Tensor.of(p.shape(), w));
      try (ConstraintCheck check = new ConstraintCheck(engine, stiefel(p, EXACT))) {
        return check.run().total().max();
      }
    }
  }

  /**
   * Off the manifold, as between lazy retractions, and beside a gradient that is mostly normal, the
   * solver still gives an update no longer than 1.
   */
  @ParameterizedTest
  @CsvSource({"reference,64,32,1e-5,1e-3", "cpu,65,64,1e-7,1e-4", "cpu,24,16,1e-2,1"})
  void theSolverBearsWeightsThatAreOffTheManifold(
      String engine, int m, int n, double off, double share) {
    Parameter p = parameter(m, n);
    double[] w = start(p, 1);
    double[] noise = Run.gaussian(p.shape(), 2);
    double[] d = Run.gaussian(p.shape(), 3);
    double[] W = w.clone();
    Arrays.setAll(W, i -> w[i] + off / 4 * noise[i]);
    double[] r = Run.gaussian(Shape.of(n, n), 4);
    DMatrixRMaj S = sum(1, matrix(n, n, r), 1, transposed(matrix(n, n, r)));
    double[] normal = times(matrix(m, n, w), S).data;
    double scale = share * norm(normal) / norm(d);
    double[] gradient = d.clone();
    Arrays.setAll(gradient, i -> normal[i] + scale * d[i]);
    for (Irls solver : List.of(Irls.certified(50), Irls.training(1))) {
      StiefelSettings lazy = EXACT.withSolver(solver).withRetractEvery(2);
      double[] moved = step(engine, p, lazy, W, gradient);
      double[] A = new double[m * n];
      Arrays.setAll(A, i -> (moved[i] - W[i]) / LR);
      assertThat(norm(A)).as("%s", solver).isBetween(0.1, 1.1 * Math.sqrt(n));
    }
  }

  private static double norm(double[] x) {
    return Math.sqrt(Arrays.stream(x).map(y -> y * y).sum());
  }

  /** Where a step is so long that the retraction's own products would run away. */
  @ParameterizedTest
  @CsvSource({"0.45,1", "0.6,1", "0.8,1", "1,1", "0.3,7"})
  void aStepOfAnyLengthEndsOnTheManifold(double lr, int every) {
    Parameter p = parameter(33, 32);
    for (StiefelSolver solver :
        List.of(new StiefelSolver.Project(), DualAscent.of(10, 0.1), Irls.training(1))) {
      StiefelSettings settings =
          StiefelSettings.of(lr).withSolver(solver).withRetractEvery(every).withMomentum(0, false);
      try (Run run = new Run("cpu", stiefel(p, settings)).with(p, start(p, 1))) {
        for (int t = 0; t < 3 * every; t++) {
          run.step(Run.gaussian(p.shape(), 10 + t));
        }
        assertThat(residual("cpu", p, run.read(p))).as("%s", solver).isLessThan(2e-6);
      }
    }
  }

  /** The retraction finds the nearest point of the manifold, the polar factor, of W + A. */
  @Test
  void aStepOf128By64InFloat64() {
    Parameter p = parameter(128, 64);
    double[] w = start(p, 1);
    double[] d = Run.gaussian(p.shape(), 2);
    StiefelSettings project = EXACT.withSolver(new StiefelSolver.Project());
    double[] got = step("reference", p, project, w, d);
    assertThat(residual("reference", p, got)).isLessThan(1e-14);

    DMatrixRMaj W = matrix(128, 64, w);
    DMatrixRMaj G = matrix(128, 64, d);
    DMatrixRMaj K = times(transposed(W), G);
    DMatrixRMaj tangent = sum(1, G, -0.5, times(W, sum(1, K, 1, transposed(K))));
    DMatrixRMaj want = msign(sum(1, W, -LR, msign(tangent)));
    assertThat(Run.distance(got, want.data)).isLessThan(1e-13);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 8, 17})
  void squareMatricesAreSolvedExactly(int n) {
    Parameter p = parameter(n, n);
    double[] w = start(p, 1);
    double[] d = Run.gaussian(p.shape(), 2);
    DMatrixRMaj W = matrix(n, n, w);
    DMatrixRMaj K = times(transposed(W), matrix(n, n, d));
    DMatrixRMaj A = times(W, msign(sum(0.5, K, -0.5, transposed(K))));
    DMatrixRMaj want = msign(sum(1, W, -LR, A));
    assertThat(Run.distance(step("reference", p, EXACT, w, d), want.data)).isLessThan(1e-12);
  }

  @ParameterizedTest
  @CsvSource({"9,1,PER_COLUMN", "1,9,PER_ROW"})
  void oneVectorStepsAsOnTheSphere(int m, int n, SphereMode mode) {
    Parameter p = parameter(m, n);
    double[] w = start(p, 1);
    HypersphereSettings settings = HypersphereSettings.of(LR, mode).withMomentum(0, false);
    try (Run sphere =
            new Run("reference", new HypersphereMuon("sphere", List.of(p), settings, CONSTANT));
        Run stiefel = new Run("reference", stiefel(p, EXACT))) {
      sphere.with(p, w);
      stiefel.with(p, w);
      for (int t = 0; t < 5; t++) {
        sphere.step(Run.gaussian(p.shape(), 10 + t));
        stiefel.step(Run.gaussian(p.shape(), 10 + t));
      }
      assertThat(Run.distance(sphere.read(p), stiefel.read(p))).isLessThan(1e-14);
    }
  }

  /** G = W·S with a symmetric S points straight away from the manifold. */
  @ParameterizedTest
  @CsvSource({
    "reference,12,5",
    "reference,5,12",
    "reference,6,6",
    "reference,7,1",
    "cpu,12,5",
    "cpu,5,12",
    "cpu,6,6",
    "cpu,7,1",
    "cpu,64,32"
  })
  void normalAndZeroGradientsDoNotMove(String engine, int m, int n) {
    Parameter p = parameter(m, n);
    double[] w = start(p, 1);
    int k = Math.min(m, n);
    DMatrixRMaj R = matrix(k, k, Run.gaussian(Shape.of(k, k), 3));
    DMatrixRMaj S = sum(1, R, 1, transposed(R));
    DMatrixRMaj W = matrix(m, n, w);
    double[] normal = (m < n ? times(S, W) : times(W, S)).data;
    for (double[] d : new double[][] {normal, new double[m * n]}) {
      double[] got = step(engine, p, EXACT, w, d);
      assertThat(Run.distance(got, w)).isLessThan(engine.equals("cpu") ? 1e-6 : 1e-14);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu"})
  void gradientsOfLowRankStayFiniteAndOnTheManifold(String engine) {
    Parameter p = parameter(20, 8);
    double[] w = start(p, 1);
    double[] a = Run.gaussian(Shape.of(20), 4);
    double[] b = Run.gaussian(Shape.of(8), 5);
    double[] rankOne = new double[160];
    Arrays.setAll(rankOne, i -> a[i / 8] * b[i % 8]);
    double[] oneRowMissing = Run.gaussian(p.shape(), 6);
    Arrays.fill(oneRowMissing, 24, 32, 0);
    for (double[] d : List.of(rankOne, oneRowMissing)) {
      double[] got = step(engine, p, EXACT, w, d);
      assertThat(residual(engine, p, got)).isLessThan(engine.equals("cpu") ? 2e-6 : 1e-14);
      double change = 0;
      for (int i = 0; i < 160; i++) {
        change += d[i] * (got[i] - w[i]);
      }
      assertThat(change).as("first-order change").isNegative();
    }
  }

  /**
   * Steps that leave the tangent space, with the sums of an expert's matrix: what is left is
   * measured in float64. By sums in a row of BLAS and a polynomial of WᵀW it was 1.8e-6.
   */
  @ParameterizedTest
  @CsvSource({"512,128", "128,512"})
  void float32RetractionLeavesLittleOfLargeSteps(int m, int n) {
    Parameter p = parameter(m, n);
    StiefelSettings settings = StiefelSettings.of(0.05).withSolver(new StiefelSolver.Project());
    try (Run run = new Run("cpu", stiefel(p, settings)).with(p, start(p, 1))) {
      for (int t = 0; t < 10; t++) {
        run.step(Run.gaussian(p.shape(), 2 + t));
      }
      double[] w = run.read(p);
      assertThat(residual("reference", p, w)).isLessThan(6e-7);
      assertThat(residual("cpu", p, w)).isLessThan(1e-6);
    }
  }

  @ParameterizedTest
  @CsvSource({"64,32", "32,64", "48,48"})
  void float32StaysOnTheManifoldForAThousandSteps(int m, int n) {
    Parameter p = parameter(2, m, n);
    StiefelSettings settings = StiefelSettings.of(0.05);
    double worst = 0;
    try (Run run = new Run("cpu", stiefel(p, settings)).with(p, start(p, 1))) {
      for (int t = 0; t < 1000; t++) {
        run.step(Run.gaussian(p.shape(), 10 + t % 7));
        if (t % 100 == 99) {
          worst = Math.max(worst, residual("cpu", p, run.read(p)));
        }
      }
    }
    assertThat(worst).isLessThan(2e-6);
  }

  @Test
  void theRadiusScalesPointAndStep() {
    Parameter p = parameter(9, 4);
    double[] w = start(p, 1);
    double[] d = Run.gaussian(p.shape(), 2);
    double[] one = step("reference", p, EXACT, w, d);
    double[] large = Arrays.stream(w).map(x -> 3 * x).toArray();
    double[] three = step("reference", p, EXACT.withRadius(3), large, d);
    double[] want = Arrays.stream(one).map(x -> 3 * x).toArray();
    assertThat(Run.distance(three, want)).isLessThan(1e-13);
  }

  @Test
  void lazyRetractionLeavesTheManifoldAndReturns() {
    Parameter p = parameter(9, 4);
    try (Run run = new Run("reference", stiefel(p, EXACT.withRetractEvery(3)))) {
      run.with(p, start(p, 1));
      for (int t = 1; t <= 9; t++) {
        run.step(Run.gaussian(p.shape(), 10 + t));
        double r = residual("reference", p, run.read(p));
        if (t % 3 == 0) {
          assertThat(r).as("step " + t).isLessThan(1e-14);
        } else {
          assertThat(r).as("step " + t).isBetween(1e-6, 0.3);
        }
      }
    }
  }

  @Test
  void retractionStepsFollowFromTheLearningRate() {
    Parameter p = parameter(9, 4);
    Parameter square = parameter(9, 9);
    assertThat(stiefel(p, StiefelSettings.of(0)).retractionSteps(p)).isEqualTo(1);
    assertThat(stiefel(p, StiefelSettings.of(0.02)).retractionSteps(p)).isEqualTo(1);
    assertThat(stiefel(square, StiefelSettings.of(0.02)).retractionSteps(square)).isEqualTo(1);
    assertThat(stiefel(p, StiefelSettings.of(0.3)).retractionSteps(p)).isEqualTo(2);
  }

  @Test
  void residualsByGroupAndManifold() {
    Parameter w = parameter(2, 9, 4);
    Parameter rows = new Parameter("rows", Shape.of(5, 3), Role.EMBEDDING);
    Optimizer both =
        new ComposedOptimizer(
            List.of(
                stiefel(w, EXACT),
                new HypersphereMuon(
                    "embedding",
                    List.of(rows),
                    HypersphereSettings.of(0.1, SphereMode.PER_ROW),
                    CONSTANT)));
    double[] off = start(w, 1);
    for (int i = 0; i < 36; i++) {
      off[i] *= 1.5; // the first matrix has WᵀW = 2.25·I
    }
    double[] r = Manifolds.sphere(rows.shape(), Run.gaussian(rows.shape(), 2), SphereMode.PER_ROW);
    for (int i = 0; i < 3; i++) {
      r[i] *= 0.5;
    }
    try (Engine engine = Engines.open("reference", EngineOptions.defaults(), _ -> {})) {
      engine.write("w", Tensor.of(w.shape(), off));
      engine.write("rows", Tensor.of(rows.shape(), r));
      try (ConstraintCheck check = new ConstraintCheck(engine, both)) {
        ConstraintCheck.Report report = check.run();
        assertThat(report.byGroup().get("stiefel").max()).isBetween(1.25 - 1e-12, 1.25 + 1e-12);
        assertThat(report.byGroup().get("stiefel").mean()).isBetween(0.6249, 0.6251);
        assertThat(report.byManifold().get("sphere").max()).isBetween(0.4999, 0.5001);
        assertThat(report.byGroup().get("embedding").mean()).isBetween(0.0999, 0.1001);
        assertThat(report.total().count()).isEqualTo(7);
        assertThat(report.total().max()).isBetween(1.2499, 1.2501);
      }
    }
  }

  @Test
  void settingsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> StiefelSettings.of(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lr NaN");
    assertThatThrownBy(() -> EXACT.withRetractEvery(0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> EXACT.withRadius(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> HypersphereSettings.of(-1, SphereMode.WHOLE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
