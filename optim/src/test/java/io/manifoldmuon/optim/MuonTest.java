package io.manifoldmuon.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.polar.PolarIteration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MuonTest {
  private static final LrSchedule CONSTANT = LrSchedule.constant(0);
  private static final PolarIteration EXACT = PolarIteration.polarExpress(20);
  private static final MuonSettings PLAIN =
      MuonSettings.muon(0.1).withPolar(EXACT).withScaling(ShapeScaling.NONE);

  private static Parameter matrix(int m, int n) {
    return new Parameter("w", Shape.of(m, n), Role.ATTENTION);
  }

  private static Muon muon(Parameter p, MuonSettings settings) {
    return new Muon("muon", List.of(p), settings, CONSTANT);
  }

  /** W₀ − W after one step. */
  private static double[] update(Parameter p, MuonSettings settings, double[] w, double[] d) {
    try (Run run = new Run("reference", muon(p, settings)).with(p, w)) {
      run.step(d);
      double[] y = run.read(p);
      Arrays.setAll(y, i -> w[i] - y[i]);
      return y;
    }
  }

  /** The update is lr·msign: all its singular values are lr, and ⟨G, A⟩ = lr·‖G‖_*. */
  @ParameterizedTest
  @CsvSource({"7,4", "4,7", "5,5", "6,1"})
  void theUpdateIsOrthogonal(int m, int n) {
    Parameter p = matrix(m, n);
    double[] a = update(p, PLAIN, Run.gaussian(p.shape(), 1), Run.gaussian(p.shape(), 2));
    double[] tall = m < n ? Run.transposed(a, m, n) : a;
    int k = Math.min(m, n);
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        double dot = 0;
        for (int r = 0; r < Math.max(m, n); r++) {
          dot += tall[r * k + i] * tall[r * k + j];
        }
        assertThat(Math.abs(dot - (i == j ? 0.01 : 0))).isLessThan(1e-14);
      }
    }
  }

  /** w·cos θ − (t/‖t‖)·sin θ, with θ the rate, or the rate times the length of each vector of O. */
  @ParameterizedTest
  @CsvSource({
    "GEODESIC,PER_ROW",
    "GEODESIC,PER_COLUMN",
    "GEODESIC_BY_NORM,PER_ROW",
    "GEODESIC_BY_NORM,PER_COLUMN"
  })
  void unitVectorsTurnAlongGreatCircles(MuonUpdate along, SphereMode mode) {
    int m = 7;
    int n = 4;
    double lr = PLAIN.lr();
    Parameter p =
        new Parameter(
            "w", Shape.of(m, n), Role.ATTENTION, Depth.NONE, Heads.NONE, Optional.of(mode));
    double[] w = Manifolds.sphere(p.shape(), Run.gaussian(p.shape(), 1), mode);
    double[] d = Run.gaussian(p.shape(), 2);
    double[] straight = update(p, PLAIN, w, d); // η·O
    double[] turned = update(p, PLAIN.withUpdate(along), w, d);
    boolean rows = mode == SphereMode.PER_ROW;
    for (int vector = 0; vector < (rows ? m : n); vector++) {
      int[] at = new int[rows ? n : m];
      int which = vector;
      Arrays.setAll(at, i -> rows ? which * n + i : i * n + which);
      double radial = Arrays.stream(at).mapToDouble(i -> w[i] * straight[i]).sum();
      double square = Arrays.stream(at).mapToDouble(i -> straight[i] * straight[i]).sum();
      double tangent = Math.sqrt(square - radial * radial);
      double angle = along == MuonUpdate.GEODESIC ? lr : Math.sqrt(square);
      for (int i : at) {
        double t = (straight[i] - radial * w[i]) / tangent;
        double want = w[i] * Math.cos(angle) - t * Math.sin(angle);
        assertThat(w[i] - turned[i]).isCloseTo(want, within(1e-12));
      }
    }
  }

  /** All factors count: the polynomials of sine and cosine hold for small angles only. */
  @Test
  void anglesThatAreTooLargeAreRefused() {
    List<Parameter> whole = List.of(unitVectors(SphereMode.WHOLE));
    List<Parameter> rows = List.of(unitVectors(SphereMode.PER_ROW));
    MuonSettings byNorm = PLAIN.withUpdate(MuonUpdate.GEODESIC_BY_NORM);
    MuonSettings along = PLAIN.withUpdate(MuonUpdate.GEODESIC);
    LrSchedule schedule = LrSchedule.constant(0);
    LrScaling toTwoFifths = LrScaling.of(0.4 / PLAIN.lr());
    LrScaling tooFar = LrScaling.of(1.2 / PLAIN.lr());
    for (MuonSettings s : List.of(byNorm, along)) {
      assertThat(new Muon("muon", rows, s, schedule, toTwoFifths).parameters()).isEqualTo(rows);
      assertThatThrownBy(() -> new Muon("muon", rows, s, schedule, tooFar))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("1.2", "all factors", "great circles");
    }
    assertThat(new Muon("muon", whole, along, schedule, toTwoFifths).parameters()).isEqualTo(whole);
    assertThatThrownBy(() -> new Muon("muon", whole, byNorm, schedule, toTwoFifths)) // 0.4·√9
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("0.4", "0.333333", "great circles");
  }

  private static Parameter unitVectors(SphereMode mode) {
    return new Parameter(
        "w", Shape.of(12, 9), Role.ATTENTION, Depth.NONE, Heads.NONE, Optional.of(mode));
  }

  @Test
  void factorsByShape() {
    assertThat(ShapeScaling.NONE.factor(Shape.of(3, 8, 2))).isEqualTo(1);
    assertThat(ShapeScaling.ORIGINAL.factor(Shape.of(3, 8, 2))).isEqualTo(2);
    assertThat(ShapeScaling.ORIGINAL.factor(Shape.of(3, 2, 8))).isEqualTo(1);
    assertThat(ShapeScaling.MATCH_RMS_ADAMW.factor(Shape.of(3, 25, 4))).isEqualTo(1);
    assertThat(ShapeScaling.MATCH_RMS_ADAMW.factor(Shape.of(4, 25))).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ORIGINAL", "MATCH_RMS_ADAMW"})
  void theFactorMultipliesTheUpdate(String scaling) {
    ShapeScaling s = ShapeScaling.valueOf(scaling);
    Parameter p = matrix(12, 3);
    double[] w = Run.gaussian(p.shape(), 1);
    double[] d = Run.gaussian(p.shape(), 2);
    double[] one = update(p, PLAIN, w, d);
    double[] two = update(p, PLAIN.withScaling(s), w, d);
    double[] want = Arrays.stream(one).map(x -> s.factor(p.shape()) * x).toArray();
    assertThat(Run.distance(two, want)).isLessThan(1e-14);
  }

  /** On a vector msign is normalisation, so that every formula can be followed by hand. */
  @Test
  void momentumOverThreeStepsByHand() {
    Parameter p = matrix(4, 1);
    for (boolean nesterov : new boolean[] {false, true}) {
      double[] w = Run.gaussian(p.shape(), 1);
      double[] b = new double[4];
      try (Run run = new Run("reference", muon(p, PLAIN.withMomentum(0.8, nesterov)))) {
        run.with(p, w);
        for (int t = 0; t < 3; t++) {
          double[] d = Run.gaussian(p.shape(), 10 + t);
          run.step(d);
          double[] u = new double[4];
          for (int i = 0; i < 4; i++) {
            b[i] = 0.8 * b[i] + 0.2 * d[i];
            u[i] = nesterov ? 0.2 * d[i] + 0.8 * b[i] : b[i];
          }
          double norm = Math.sqrt(Arrays.stream(u).map(x -> x * x).sum());
          Arrays.setAll(w, i -> w[i] - 0.1 * u[i] / norm);
        }
        assertThat(Run.distance(run.read(p), w)).isLessThan(1e-14);
      }
    }
  }

  @Test
  void cautiousDecaySparesWhatIsPulledAway() {
    Parameter p = matrix(2, 1);
    // u = (0.6, 0.8): the first weight is pulled towards zero, the second away from it
    double[] w = {1, -2};
    double[] d = {3, 4};
    double[] spared = update(p, PLAIN.withDecay(0.5, true), w, d);
    assertThat(Run.distance(spared, new double[] {0.06 + 0.05, 0.08})).isLessThan(1e-14);
    double[] all = update(p, PLAIN.withDecay(0.5, false), w, d);
    assertThat(Run.distance(all, new double[] {0.06 + 0.05, 0.08 - 0.1})).isLessThan(1e-14);
  }

  @Test
  void norMuonGivesRowsOneLengthAndKeepsTheWhole() {
    Parameter p = matrix(8, 3);
    MuonSettings norMuon =
        MuonSettings.norMuon(0.1).withPolar(EXACT).withScaling(ShapeScaling.NONE);
    double[] w = Run.gaussian(p.shape(), 1);
    double[] d = Run.gaussian(p.shape(), 2);
    double[] a = update(p, norMuon, w, d);
    double length = 0.1 * Math.sqrt(3); // ‖lr·O‖_F
    for (int r = 0; r < 8; r++) {
      double row =
          Math.sqrt(
              a[3 * r] * a[3 * r] + a[3 * r + 1] * a[3 * r + 1] + a[3 * r + 2] * a[3 * r + 2]);
      assertThat(Math.abs(row - length / Math.sqrt(8))).as("row " + r).isLessThan(1e-7);
    }
    double[] plain = update(p, PLAIN, w, d);
    assertThat(Run.distance(a, plain)).isGreaterThan(1e-3);
  }

  @Test
  void simpleMuonReachesTheSingularValuesThatItsCubicStepsGive() {
    Parameter p = matrix(2, 2);
    double[] a = update(p, MuonSettings.simple(1), new double[4], new double[] {1, 0, 0, 0.01});
    assertThat(Math.abs(a[0] - PolarIteration.cubic(5).singularValue(1 / Math.hypot(1, 0.01))))
        .isLessThan(1e-14);
    assertThat(a[3]).isBetween(0.075, 0.077);
  }

  @Test
  void groupsOfAComposition() {
    Parameter w = matrix(4, 3);
    Parameter gain = new Parameter("gain", Shape.of(5), Role.GAIN);
    AdamW adamW = new AdamW(List.of(gain), AdamWSettings.of(0.5), CONSTANT);
    ComposedOptimizer both = new ComposedOptimizer(List.of(muon(w, PLAIN), adamW));
    assertThat(both.parameters()).containsExactly(w, gain);
    assertThat(both.learningRate(0)).isEqualTo(0.1);
    assertThat(both.state())
        .extracting(StateVariable::name)
        .containsExactly("muon.b.w", "adamw.m.gain", "adamw.v.gain");
    double[] d = Run.gaussian(w.shape(), 2);
    try (Run run = new Run("reference", both);
        Run alone = new Run("reference", muon(w, PLAIN))) {
      run.step(Map.of(w, d, gain, new double[] {1, 2, 3, 4, 5}));
      alone.step(d);
      assertThat(run.read(w)).containsExactly(alone.read(w));
      assertThat(run.read(gain)[4]).isCloseTo(-0.5, org.assertj.core.api.Assertions.within(1e-6));
    }
  }

  @Test
  void whatCannotWorkIsRefused() {
    Parameter vector = new Parameter("v", Shape.of(5), Role.GAIN);
    assertThatThrownBy(() -> muon(vector, PLAIN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'v'".replace("'", ""))
        .hasMessageContaining("AdamW");
    Parameter w = matrix(4, 3);
    assertThatThrownBy(() -> new ComposedOptimizer(List.of(muon(w, PLAIN), muon(w, PLAIN))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'w' given as the name of a parameter and again of a parameter");
    assertThatThrownBy(() -> new ComposedOptimizer(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MuonSettings.muon(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lr NaN");
    assertThatThrownBy(() -> new NeuronNormalization(1, 1e-8))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** The cpu engine, float32, follows the reference over ten steps. */
  @Test
  void float32FollowsFloat64() {
    Parameter p = new Parameter("w", Shape.of(3, 33, 20), Role.EXPERT_UP);
    double[] w = Run.gaussian(p.shape(), 1);
    for (MuonSettings s : List.of(MuonSettings.muon(0.1), MuonSettings.norMuon(0.1))) {
      try (Run truth = new Run("reference", muon(p, s)).with(p, w);
          Run cpu = new Run("cpu", muon(p, s)).with(p, w)) {
        for (int t = 0; t < 10; t++) {
          truth.step(Run.gaussian(p.shape(), 10 + t));
          cpu.step(Run.gaussian(p.shape(), 10 + t));
        }
        assertThat(Run.distance(truth.read(p), cpu.read(p))).isLessThan(1e-5);
      }
    }
  }
}
