package io.manifoldmuon.optim;

import static io.manifoldmuon.optim.Manifolds.dot;
import static io.manifoldmuon.optim.Manifolds.matrix;
import static io.manifoldmuon.optim.Manifolds.sum;
import static io.manifoldmuon.optim.Manifolds.times;
import static io.manifoldmuon.optim.Manifolds.transposed;
import static io.manifoldmuon.optim.SolverAnswer.random;
import static io.manifoldmuon.optim.SolverAnswer.solve;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.polar.PolarIteration;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What certificates say of answers, against decompositions in float64. */
class CertificateTest {
  /** The certificate, made of products, is that of the decompositions. */
  @ParameterizedTest
  @CsvSource({"24,10", "10,24", "11,10", "12,12", "9,1"})
  void certificates(int m, int n) {
    for (StiefelSolver solver : List.of(new StiefelSolver.Project(), Irls.training(5).cold())) {
      SolverAnswer a = random(solver, m, n, 11);
      assertThat(a.certificate()[0]).isCloseTo(a.tangency(), within(1e-12));
      double unit = a.unit();
      assertThat(a.certificate()[1] / unit).isCloseTo(a.dual(), within(1e-9));
      assertThat(a.certificate()[2] / unit)
          .isCloseTo(a.primal(), within(2e-4 * Math.abs(a.primal())));
      assertThat(a.certificate()[2] / unit).isGreaterThanOrEqualTo(a.primal() - 1e-9);
      assertThat(a.gap()).isBetween(-1e-12, a.exact() ? 1e-9 : 0.1);
      assertThat(a.certificate()[3]).isBetween(a.gap() - 1e-9, a.gap() + 2e-4);
    }
  }

  /** With A = −msign(M): ⟨D, A⟩ − dual = ⟨Λ, H⟩ for H = WᵀU + UᵀW and a D with a normal part. */
  @Test
  void identityOfTheCertificate() {
    Shape shape = Shape.of(128, 64);
    double[] w = Manifolds.stiefel(shape, Run.gaussian(shape, 13), 1);
    double[] d = Run.gaussian(shape, 14);
    DMatrixRMaj D = matrix(128, 64, d);
    SolverAnswer a = solve("reference", new StiefelSolver.Project(), w, d, 128, 64);
    DMatrixRMaj Lambda = sum(-0.5, a.symmetricInner(D), 0, new DMatrixRMaj(64, 64));
    DMatrixRMaj M = sum(1, D, 2, times(a.W(), Lambda));
    DMatrixRMaj H = sum(-2, a.symmetricInner(a.A()), 0, new DMatrixRMaj(64, 64));
    double dual = -Manifolds.nuclearNorm(M);
    double left = dot(D, a.A()) - dual;
    assertThat(left).isCloseTo(dot(Lambda, H), within(1e-10 * Math.abs(dual)));
    assertThat(a.certificate()[1]).isCloseTo(dual, within(1e-9 * Math.abs(dual)));
  }

  /** H is the gradient of ‖G + 2WΛ‖_* by Λ. */
  @Test
  void gradientOfTheDual() {
    SolverAnswer a = random(new StiefelSolver.Project(), 20, 8, 17);
    DMatrixRMaj R = matrix(8, 8, Run.gaussian(Shape.of(8, 8), 18));
    DMatrixRMaj direction = sum(1, R, 1, transposed(R));
    DMatrixRMaj H = sum(-2, a.symmetricInner(a.A()), 0, a.symmetricInner(a.A()));
    double step = 1e-5;
    double up = Manifolds.nuclearNorm(sum(1, a.M(), 2 * step, times(a.W(), direction)));
    double down = Manifolds.nuclearNorm(sum(1, a.M(), -2 * step, times(a.W(), direction)));
    assertThat((up - down) / (2 * step)).isCloseTo(dot(H, direction), within(1e-6));
  }

  /** Nothing is left to prove of A = 0, whatever T a solver has kept from the step before. */
  @Test
  void theGapOfAZeroGradientIsZero() {
    List<StiefelSolver> solvers =
        List.of(
            new StiefelSolver.Project(),
            Irls.training(1),
            new DualAscent(10, 0.1, 1e-6, DualAscent.Convention.LIBRARY, true),
            Admm.of(10));
    Parameter p = new Parameter("w", Shape.of(2, 16, 4), Role.EXPERT_UP);
    double[] d = Run.gaussian(p.shape(), 2);
    double[] half = Arrays.copyOf(Arrays.copyOf(d, d.length / 2), d.length); // the second is 0
    for (StiefelSolver solver : solvers) {
      StiefelSettings settings =
          StiefelSettings.of(0.1).withMomentum(0, false).withSolver(solver).certified();
      var muon = new StiefelMuon("stiefel", List.of(p), settings, LrSchedule.constant(0));
      double[] w = Manifolds.stiefel(p.shape(), Run.gaussian(p.shape(), 1), 1);
      try (Run run = new Run("reference", muon).with(p, w);
          SolverCheck check = new SolverCheck(run.engine(), muon)) {
        run.step(d);
        run.step(half);
        String prefix = muon.reportPrefix(p);
        zeroInTheSecond(run.output(prefix + ".dual"), run.output(prefix + ".gap"));
        SolverReport quick = check.run().values().iterator().next();
        zeroInTheSecond(quick.dual(), quick.gap());
      }
    }
  }

  private static void zeroInTheSecond(double[] dual, double[] gap) {
    assertThat(dual[0]).isLessThan(-1);
    assertThat(gap[0]).isBetween(-1e-12, 0.5);
    assertThat(dual[1]).isZero();
    assertThat(gap[1]).isZero();
  }

  /**
   * What {@link SolverCheck} says in float32 of momenta as training has them: a few large singular
   * values and many small ones.
   */
  @ParameterizedTest
  @CsvSource({"256,64", "64,256"})
  void theQuickCertificateBearsUnevenMomenta(int m, int n) {
    double[] gaps = new double[2];
    double[] w = Manifolds.stiefel(Shape.of(m, n), Run.gaussian(Shape.of(m, n), 1), 1);
    double[] d = uneven(m, n);
    String[] engines = {"reference", "cpu"};
    for (int i = 0; i < engines.length; i++) {
      Parameter p = new Parameter("w", Shape.of(m, n), Role.EXPERT_UP);
      StiefelSettings settings = StiefelSettings.of(0.02).withMomentum(0, false);
      var muon = new StiefelMuon("stiefel", List.of(p), settings, LrSchedule.constant(0));
      try (Run run = new Run(engines[i], muon).with(p, w)) {
        for (int t = 0; t < 3; t++) {
          run.step(d);
        }
        try (SolverCheck check = new SolverCheck(run.engine(), muon)) {
          gaps[i] = check.run().values().iterator().next().worstGap();
        }
      }
    }
    assertThat(gaps[0]).isBetween(0.0, 0.05);
    assertThat(gaps[1]).isCloseTo(gaps[0], within(5e-3));
  }

  /** Gaussian, with columns (of the tall matrix) that fall from 1 to 10⁻⁴ before they are mixed. */
  private static double[] uneven(int m, int n) {
    int k = Math.min(m, n);
    DMatrixRMaj tall = matrix(Math.max(m, n), k, Run.gaussian(Shape.of(Math.max(m, n), k), 2));
    for (int i = 0; i < tall.data.length; i++) {
      tall.data[i] *= Math.pow(10, -4.0 * (i % k) / (k - 1));
    }
    DMatrixRMaj mix = Manifolds.msign(matrix(k, k, Run.gaussian(Shape.of(k, k), 3)));
    DMatrixRMaj D = times(tall, mix);
    return m < n ? transposed(D).data : D.data;
  }

  /**
   * The quick certificate's bound comes from further iterations: it is a bound still, and proves
   * more of an answer whose own dual point proves little.
   */
  @Test
  void theQuickCertificateProvesMoreThanTheSolversOwnPoint() {
    SolverAnswer a = random(new StiefelSolver.Project(), 64, 32, 21);
    SolverAnswer best = random(Irls.certified(60), 64, 32, 21);
    GraphBuilder g = new GraphBuilder();
    Type type = Type.real(64, 32);
    StiefelProblem p =
        new StiefelProblem(
            g,
            g.input("w", type),
            g.input("d", type),
            g.constant(1),
            PolarIteration.polarExpress(20),
            false);
    StiefelSolver.Memory none = (name, next) -> null;
    Certificate c = Certificate.quick(p, p.solve(new StiefelSolver.Project(), none));
    g.output("dual", c.dual());
    g.output("gap", c.gap());
    try (Engine engine = Engines.open("reference", EngineOptions.defaults(), _ -> {});
        Program program = engine.compile(g.build())) {
      program.write("w", Tensor.of(type.shape(), a.W().data));
      program.write("d", Tensor.of(type.shape(), Run.gaussian(type.shape(), 22)));
      program.run();
      double dual = program.readScalar("dual") / a.unit();
      assertThat(dual).isBetween(a.dual(), best.primal()); // better, and below every answer
      double truth = (a.primal() - best.primal()) / Math.abs(best.primal());
      assertThat(program.readScalar("gap")).isBetween(truth, 0.6 * a.gap());
    }
  }
}
