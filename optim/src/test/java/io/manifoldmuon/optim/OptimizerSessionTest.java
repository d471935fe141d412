package io.manifoldmuon.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.EngineUnavailableException;
import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.ShapeException;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.polar.PolarIteration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerSessionTest {
  private static final LrSchedule CONSTANT = LrSchedule.constant(0);
  private static final Parameter W = Parameter.matrix("w", 7, 4);
  private static final Parameter V = new Parameter("v", Shape.of(2, 3, 5), Role.ATTENTION);

  private static Optimizer stiefel(Parameter... parameters) {
    return new StiefelMuon("stiefel", List.of(parameters), StiefelSettings.of(0.05), CONSTANT);
  }

  private static OptimizerSession begun(String engine) {
    OptimizerSession session = OptimizerSession.open(engine, stiefel(W));
    session.write("w", Run.gaussian(W.shape(), 1));
    session.project("w", new Manifold.Stiefel(1));
    return session;
  }

  /** A session steps as the recording does when a test drives it. */
  @Test
  void stepsAreTheOptimizers() {
    Optimizer adamw = new AdamW(List.of(W, V), AdamWSettings.of(0.1), LrSchedule.linear(3, 9, 0));
    try (OptimizerSession session = OptimizerSession.open("reference", adamw);
        Run run = new Run("reference", adamw)) {
      for (Parameter p : adamw.parameters()) {
        session.write(p.variable(), Run.gaussian(p.shape(), 1));
        run.with(p, Run.gaussian(p.shape(), 1));
      }
      for (int i = 0; i < 4; i++) {
        double[] dw = Run.gaussian(W.shape(), 10 + i);
        double[] dv = Run.gaussian(V.shape(), 20 + i);
        session.step(Map.of("w", Tensor.of(W.shape(), dw), "v", Tensor.of(V.shape(), dv)));
        run.step(Map.of(W, dw, V, dv));
      }
      run.snapshot()
          .forEach((k, v) -> assertThat(session.read(k).doubles()).isEqualTo(v.doubles()));
      assertThat(session.steps()).isEqualTo(4);
      assertThat(session.learningRate()).isEqualTo(adamw.learningRate(4));
    }
  }

  /** The gradient of a frozen parameter may be given, and may be left out. */
  @Test
  void frozenParametersNeedNoGradient() {
    Optimizer moving = new AdamW(List.of(W), AdamWSettings.of(0.1), CONSTANT);
    Optimizer both = new ComposedOptimizer(List.of(moving, new Frozen("frozen", List.of(V))));
    double[] v = Run.gaussian(V.shape(), 2);
    Tensor dw = Tensor.of(W.shape(), Run.gaussian(W.shape(), 3));
    Tensor dv = Tensor.of(V.shape(), Run.gaussian(V.shape(), 4));
    for (String engine : List.of("reference", "cpu")) {
      try (OptimizerSession session = OptimizerSession.open(engine, both);
          OptimizerSession alone = OptimizerSession.open(engine, moving)) {
        alone.write("w", Run.gaussian(W.shape(), 1));
        session.write("w", Run.gaussian(W.shape(), 1));
        session.write("v", v);
        double[] held = session.read("v").doubles();
        session.step(Map.of("w", dw, "v", dv));
        session.step(Map.of("w", dw));
        alone.step(Map.of("w", dw));
        alone.step(Map.of("w", dw));
        assertThat(session.read("w").doubles()).isEqualTo(alone.read("w").doubles());
        assertThat(session.read("v").doubles()).isEqualTo(held);
        assertThatThrownBy(() -> session.step(Map.of("v", dv)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("no gradient given for [w]");
        assertThatThrownBy(() -> session.step(Map.of("w", dw, "v", dw)))
            .isInstanceOf(ShapeException.class)
            .hasMessageContaining("'v'");
        assertThat(session.steps()).isEqualTo(2);
      }
    }
  }

  @Test
  void aSessionMayMoveNothing() {
    try (OptimizerSession session =
        OptimizerSession.open("cpu", new Frozen("frozen", List.of(W)))) {
      session.write("w", new float[28]);
      session.step(Map.of());
      session.step("w", new float[28]);
      assertThat(session.steps()).isEqualTo(2);
      assertThat(session.read("w").floats()).containsOnly(0);
    }
  }

  @Test
  void floatsAreTakenAsTheyAre() {
    try (OptimizerSession session = begun("cpu")) {
      float[] w = session.read("w").floats();
      float[] d = new float[w.length];
      for (int i = 0; i < d.length; i++) {
        d[i] = (i * 7 % 11) - 5;
      }
      session.step("w", d);
      assertThat(session.read("w").floats()).isNotEqualTo(w);
      assertThat(session.constraints().total().max()).isLessThan(2e-6);
      session.write("w", w);
      assertThat(session.read("w").floats()).isEqualTo(w);
    }
  }

  /** Weights, state and the number of steps are all that a later session needs. */
  @Test
  void stateCanBeTakenElsewhere() {
    Optimizer adamw = new AdamW(List.of(W), AdamWSettings.of(0.1), CONSTANT);
    try (OptimizerSession one = OptimizerSession.open("reference", adamw);
        OptimizerSession two = OptimizerSession.open("reference", adamw)) {
      one.write("w", Run.gaussian(W.shape(), 1));
      one.step("w", Run.gaussian(W.shape(), 2));
      List<String> names = new ArrayList<>(one.parameters());
      names.addAll(one.state());
      assertThat(names).containsExactly("w", "adamw.m.w", "adamw.v.w");
      names.forEach(name -> two.write(name, one.read(name)));
      two.resumeAt(one.steps());
      one.step("w", Run.gaussian(W.shape(), 3));
      two.step("w", Run.gaussian(W.shape(), 3));
      assertThat(two.read("w").doubles()).isEqualTo(one.read("w").doubles());
      two.resumeAt(0); // the bias correction of another step
      two.step("w", Run.gaussian(W.shape(), 4));
      one.step("w", Run.gaussian(W.shape(), 4));
      assertThat(two.read("w").doubles()).isNotEqualTo(one.read("w").doubles());
    }
  }

  static Stream<Manifold> manifolds() {
    return Stream.concat(
        Stream.of(new Manifold.Stiefel(1), new Manifold.Stiefel(3)),
        Stream.of(SphereMode.values()).map(Manifold.Sphere::new));
  }

  @ParameterizedTest
  @MethodSource("manifolds")
  void projectionIsTheNearestPoint(Manifold manifold) {
    for (Parameter p : List.of(W, V, Parameter.matrix("u", 5, 5), Parameter.matrix("c", 1, 6))) {
      double[] x = Run.gaussian(p.shape(), 3);
      Optimizer any = new AdamW(List.of(p), AdamWSettings.of(0.1), CONSTANT);
      try (OptimizerSession session = OptimizerSession.open("reference", any)) {
        session.write(p.variable(), x);
        session.project(p.variable(), manifold);
        double[] want =
            switch (manifold) {
              case Manifold.Stiefel(double radius) -> Manifolds.stiefel(p.shape(), x, radius);
              case Manifold.Sphere(SphereMode mode) -> Manifolds.sphere(p.shape(), x, mode);
            };
        double[] got = session.read(p.variable()).doubles();
        assertThat(Run.distance(got, want)).as("%s of %s", manifold, p).isLessThan(1e-13);
      }
    }
  }

  /**
   * An ill-conditioned matrix gets there too; one without full rank is reported, not passed off.
   */
  @Test
  void residualsTellWhetherProjectionSucceeded() {
    double[] x = Run.gaussian(W.shape(), 5);
    double[] singular = x.clone();
    for (int i = 0; i < 7; i++) {
      x[4 * i + 3] = x[4 * i] + 1e-5 * x[4 * i + 3];
      singular[4 * i + 3] = 0;
    }
    try (OptimizerSession session = OptimizerSession.open("reference", stiefel(W))) {
      session.write("w", x);
      session.project("w", new Manifold.Stiefel(1));
      assertThat(session.constraints().total().max()).isLessThan(1e-10);
      session.write("w", singular);
      session.project("w", new Manifold.Stiefel(1));
      assertThat(session.constraints().total().max()).isBetween(0.9, 1.1);
    }
  }

  @Test
  void constraintsAreReported() {
    try (OptimizerSession session = begun("reference")) {
      assertThat(session.constraints().total().max()).isLessThan(1e-14);
      double[] w = session.read("w").doubles();
      for (int i = 0; i < w.length; i++) {
        w[i] *= 1.1;
      }
      session.write("w", w);
      assertThat(session.constraints().byManifold().get("stiefel").max()).isBetween(0.2099, 0.2101);
    }
  }

  /** W + lr·A is what was retracted, and the certificate speaks of that A. */
  @Test
  void certificatesAndUpdatesAreRead() {
    StiefelSettings settings =
        StiefelSettings.of(0.05)
            .withMomentum(0, false)
            .withSolver(Irls.certified(50))
            .withTolerance(1e-15)
            .certified();
    var muon = new StiefelMuon("stiefel", List.of(W), settings, CONSTANT);
    try (OptimizerSession session = OptimizerSession.open("reference", muon)) {
      session.write("w", Run.gaussian(W.shape(), 1));
      session.project("w", new Manifold.Stiefel(1));
      double[] w = session.read("w").doubles();
      double[] d = Run.gaussian(W.shape(), 2);
      session.step("w", d);
      SolverReport report = session.report(muon, W);
      assertThat(report.count()).isEqualTo(1);
      assertThat(report.converged(1e-2)).isTrue();
      double[] a = session.update(muon, W).doubles();
      double decrease = 0;
      double[] moved = new double[w.length];
      for (int i = 0; i < w.length; i++) {
        decrease += d[i] * a[i];
        moved[i] = w[i] + 0.05 * a[i];
      }
      assertThat(decrease).isCloseTo(report.primal()[0], within(1e-12));
      assertThat(decrease).isGreaterThanOrEqualTo(report.dual()[0]).isNegative();
      double[] want = Manifolds.stiefel(W.shape(), moved, 1);
      assertThat(Run.distance(session.read("w").doubles(), want)).isLessThan(1e-13);
    }
    try (OptimizerSession session = begun("reference")) {
      session.step("w", Run.gaussian(W.shape(), 2));
      assertThatThrownBy(() -> session.report(muon, W))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("stiefel.solver.w");
    }
  }

  /** A certificate leaves an exact answer as it is. */
  @Test
  void squareMatricesStayExactUnderACertificate() {
    Parameter q = Parameter.matrix("q", 16, 16);
    StiefelSettings settings =
        StiefelSettings.of(0.05)
            .withMomentum(0, false)
            .withPolar(PolarIteration.polarExpress(24))
            .withTolerance(1e-15)
            .certified();
    var muon = new StiefelMuon("stiefel", List.of(q), settings, CONSTANT);
    try (OptimizerSession session = OptimizerSession.open("reference", muon)) {
      session.write("q", Run.gaussian(q.shape(), 1));
      session.project("q", new Manifold.Stiefel(1));
      DMatrixRMaj W = Manifolds.matrix(16, 16, session.read("q").doubles());
      double[] d = Run.gaussian(q.shape(), 2);
      session.step("q", d);
      DMatrixRMaj K = Manifolds.times(Manifolds.transposed(W), Manifolds.matrix(16, 16, d));
      DMatrixRMaj skew = Manifolds.sum(0.5, K, -0.5, Manifolds.transposed(K));
      double[] want = Manifolds.times(W, Manifolds.msign(skew)).data;
      double[] a = session.update(muon, q).doubles();
      for (int i = 0; i < a.length; i++) {
        assertThat(a[i]).isCloseTo(-want[i], within(1e-12));
      }
      assertThat(session.report(muon, q).gap()[0]).isCloseTo(0, within(1e-12));
    }
  }

  /** Lazy retraction happens in sessions too, and what is off can be mended. */
  @Test
  void retractionsAreDoneWhenDue() {
    var lazy =
        new StiefelMuon(
            "stiefel", List.of(W), StiefelSettings.of(0.05).withRetractEvery(2), CONSTANT);
    try (OptimizerSession session = OptimizerSession.open("reference", lazy)) {
      session.write("w", Run.gaussian(W.shape(), 1));
      session.project("w", new Manifold.Stiefel(1));
      session.step("w", Run.gaussian(W.shape(), 2));
      assertThat(session.constraints().total().max()).isGreaterThan(1e-4);
      session.step("w", Run.gaussian(W.shape(), 3));
      assertThat(session.constraints().total().max()).isLessThan(1e-6);
      session.step("w", Run.gaussian(W.shape(), 4));
      assertThat(session.restore().after().total().max()).isLessThan(2e-6);
    }
  }

  /** What a program might get wrong, and what the message must name. */
  record Mistake(
      Consumer<OptimizerSession> act, Class<? extends Throwable> kind, List<String> says) {}

  static Stream<Mistake> mistakes() {
    double[] nan = new double[28];
    nan[17] = Double.NaN;
    return Stream.of(
        new Mistake(
            s -> s.write("w", 1f, 2f), ShapeException.class, List.of("write", "2", "w", "28")),
        new Mistake(
            s -> s.step("w", new double[29]), ShapeException.class, List.of("step", "29", "28")),
        new Mistake(
            s -> s.write("w", Tensor.of(Shape.of(4, 7), new float[28])),
            ShapeException.class,
            List.of("[4, 7]", "[7, 4]")),
        new Mistake(
            s -> s.read("x"),
            IllegalArgumentException.class,
            List.of("read", "'x'", "w", "stiefel.b.w")),
        new Mistake(
            s -> s.step("stiefel.b.w", new double[28]),
            IllegalArgumentException.class,
            List.of("no parameter 'stiefel.b.w'")),
        new Mistake(
            s -> s.step(Map.of()), IllegalArgumentException.class, List.of("no gradient", "w")),
        new Mistake(
            s -> s.step("w", nan), NumericalException.class, List.of("17", "'w'", "NaN", "step")),
        new Mistake(
            s -> s.write("stiefel.b.w", nan), NumericalException.class, List.of("17", "NaN")),
        new Mistake(
            s -> s.write("w", Tensor.of(W.shape(), new int[28])),
            ShapeException.class,
            List.of("real")),
        new Mistake(s -> s.resumeAt(-1), IllegalArgumentException.class, List.of("-1")));
  }

  /** Optimizers that divide by the norm would divide by infinity. */
  @Test
  void gradientsWhoseNormOverflowsAreRefused() {
    Parameter p = Parameter.matrix("w", 4, 2);
    float[] w = {1, 0, 0, 1, 0, 0, 0, 0};
    float[] huge = {1e20f, 2e20f, 3e20f, 4e20f, 5e20f, 6e20f, 7e20f, 8e20f};
    var muon =
        new StiefelMuon("stiefel", List.of(p), StiefelSettings.of(0.1), LrSchedule.constant(0));
    try (var session = OptimizerSession.open("cpu", muon)) {
      session.write("w", w);
      assertThatThrownBy(() -> session.step("w", huge))
          .isInstanceOf(NumericalException.class)
          .hasMessageContainingAll("gradient of 'w'", "norm of 1.4", "E21", "nothing was changed");
      assertThat(session.read("w").floats()).containsExactly(w);
      assertThat(session.steps()).isZero();
    }
  }

  /** Float64 has numbers that are infinite in float32. */
  @Test
  void numbersThatOverflowTheEngineAreRefused() {
    double[] huge = Run.gaussian(W.shape(), 3);
    huge[5] = -1e300;
    try (OptimizerSession session = begun("cpu")) {
      float[] w = session.read("w").floats();
      for (Consumer<OptimizerSession> act :
          List.<Consumer<OptimizerSession>>of(
              s -> s.write("w", huge),
              s -> s.write("stiefel.b.w", Tensor.of(W.shape(), huge)),
              s -> s.step("w", huge))) {
        assertThatThrownBy(() -> act.accept(session))
            .isInstanceOf(NumericalException.class)
            .message()
            .contains("element 5", "-1.0E300", "finite on engine cpu");
      }
      assertThat(session.read("w").floats()).isEqualTo(w);
      assertThat(session.read("stiefel.b.w").floats()).containsOnly(0);
      assertThat(session.steps()).isZero();
    }
    try (OptimizerSession session = begun("reference")) {
      session.write("w", huge);
      assertThat(session.read("w").doubles()).isEqualTo(huge);
    }
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void mistakesAreNamedAndChangeNothing(Mistake mistake) {
    try (OptimizerSession session = begun("reference")) {
      session.step("w", Run.gaussian(W.shape(), 2));
      double[] w = session.read("w").doubles();
      double[] b = session.read("stiefel.b.w").doubles();
      assertThatThrownBy(() -> mistake.act().accept(session))
          .isInstanceOf(mistake.kind())
          .message()
          .contains(mistake.says());
      assertThat(session.read("w").doubles()).isEqualTo(w);
      assertThat(session.read("stiefel.b.w").doubles()).isEqualTo(b);
      assertThat(session.steps()).isEqualTo(1);
    }
  }

  @Test
  void weightsMustBeWrittenFirst() {
    try (OptimizerSession session = OptimizerSession.open("reference", stiefel(W))) {
      assertThatThrownBy(() -> session.step("w", new double[28]))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("[w] have no weights yet");
      assertThatThrownBy(() -> session.project("w", new Manifold.Stiefel(1)))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void anEngineThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> OptimizerSession.open("abacus", stiefel(W)))
        .isInstanceOf(EngineUnavailableException.class)
        .hasMessageContaining("abacus");
  }
}
