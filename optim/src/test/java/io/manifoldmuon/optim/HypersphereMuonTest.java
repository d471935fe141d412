package io.manifoldmuon.optim;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.linalg.Shape;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HypersphereMuonTest {
  private static final LrSchedule CONSTANT = LrSchedule.constant(0);

  private static Run run(String engine, Parameter p, HypersphereSettings settings) {
    return new Run(engine, new HypersphereMuon("sphere", List.of(p), settings, CONSTANT));
  }

  private static double[] start(Parameter p, SphereMode mode) {
    return Manifolds.sphere(p.shape(), Run.gaussian(p.shape(), 1), mode);
  }

  private static Parameter parameter(int... dims) {
    return new Parameter("w", Shape.of(dims), Role.EMBEDDING);
  }

  @ParameterizedTest
  @EnumSource(SphereMode.class)
  void everyVectorTakesAStepOfTheSameLengthDownhill(SphereMode mode) {
    Parameter p = parameter(2, 5, 4);
    double[] w = start(p, mode);
    double[] d = Run.gaussian(p.shape(), 2);
    try (Run run = run("reference", p, HypersphereSettings.of(0.1, mode)).with(p, w)) {
      run.step(d);
      double[] got = run.read(p);
      assertThat(Run.distance(got, Manifolds.sphere(p.shape(), got, mode))).isLessThan(1e-15);
      // cosines of the angles between old and new vectors, from w·w′ summed within vectors
      double angle = Math.atan(0.1);
      int vectors = mode == SphereMode.PER_ROW ? 10 : mode == SphereMode.PER_COLUMN ? 8 : 2;
      double dot = 0;
      double change = 0;
      for (int i = 0; i < w.length; i++) {
        dot += w[i] * got[i];
        change += d[i] * (got[i] - w[i]);
      }
      assertThat(Math.abs(dot - vectors * Math.cos(angle))).isLessThan(1e-13);
      assertThat(change).isNegative();
    }
  }

  /** The two updates are one: the straight step by η is the circular one by atan η. */
  @ParameterizedTest
  @EnumSource(SphereMode.class)
  void straightStepsAreGeodesicOnesByTheArcTangent(SphereMode mode) {
    Parameter p = parameter(3, 5, 4);
    double[] w = start(p, mode);
    HypersphereSettings straight = HypersphereSettings.of(0.3, mode);
    HypersphereSettings circular = HypersphereSettings.of(Math.atan(0.3), mode).alongGeodesics();
    try (Run a = run("reference", p, straight).with(p, w);
        Run b = run("reference", p, circular).with(p, w)) {
      for (int t = 0; t < 5; t++) {
        a.step(Run.gaussian(p.shape(), 10 + t));
        b.step(Run.gaussian(p.shape(), 10 + t));
      }
      assertThat(Run.distance(a.read(p), b.read(p))).isLessThan(1e-14);
    }
  }

  @Test
  void rowsWithoutGradientOrWithARadialOneStay() {
    Parameter p = parameter(3, 4);
    double[] w = start(p, SphereMode.PER_ROW);
    for (String engine : new String[] {"reference", "cpu"}) {
      try (Run run = run(engine, p, HypersphereSettings.of(0.1, SphereMode.PER_ROW)).with(p, w)) {
        double[] d = Run.gaussian(p.shape(), 2);
        run.step(d); // gives every row momentum
        double[] before = run.read(p);
        Arrays.fill(d, 0, 4, 0);
        run.step(d);
        double[] after = run.read(p);
        assertThat(Run.distance(head(after, 4), head(before, 4))).isLessThan(1e-7);
        assertThat(Run.distance(after, before)).isGreaterThan(0.01);
      }
      try (Run run = run(engine, p, HypersphereSettings.of(0.1, SphereMode.PER_ROW)).with(p, w)) {
        double[] d = w.clone();
        Arrays.setAll(d, i -> (i < 4 ? 7 : i < 8 ? -3 : 1) * w[i]);
        d[8] += 1;
        run.step(d);
        double[] after = run.read(p);
        assertThat(Run.distance(head(after, 8), head(w, 8))).as(engine).isLessThan(2e-7);
        assertThat(Run.distance(after, w)).isGreaterThan(0.01);
      }
    }
  }

  private static double[] head(double[] x, int n) {
    return Arrays.copyOf(x, n);
  }

  @Test
  void float32StaysOnTheSphere() {
    Parameter p = parameter(50, 65);
    double[] w = start(p, SphereMode.PER_ROW);
    double worst = 0;
    try (Run run = run("cpu", p, HypersphereSettings.of(0.05, SphereMode.PER_ROW)).with(p, w)) {
      for (int t = 0; t < 300; t++) {
        run.step(Run.gaussian(p.shape(), 10 + t % 5));
        double[] x = run.read(p);
        for (int r = 0; r < 50; r++) {
          double square = 0;
          for (int j = 0; j < 65; j++) {
            square += x[r * 65 + j] * x[r * 65 + j];
          }
          worst = Math.max(worst, Math.abs(Math.sqrt(square) - 1));
        }
      }
    }
    assertThat(worst).isLessThan(2e-7);
  }
}
