package io.manifoldmuon.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.polar.PolarIteration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LrScalingTest {
  private static final LrScaling BOTH = new LrScaling(1, Map.of(), true, true);

  private static Parameter stack(Role role, int layers, int each, int... matrix) {
    return new Parameter(
        "w", Shape.of(layers * each).append(matrix), role, Depth.stacked(layers, each));
  }

  @Test
  void layerFiveOfTwelveFrom512To2048() {
    double[] f = BOTH.factors(stack(Role.EXPERT_UP, 12, 2, 2048, 512));
    assertThat(f).hasSize(24);
    assertThat(f[10]).isEqualTo(1.0);
    assertThat(f[11]).isEqualTo(1.0);
    assertThat(f[0]).as("the first layer learns").isEqualTo(2.0 / 12, within(1e-15));
    assertThat(f[23]).isEqualTo(2.0);
  }

  @Test
  void bothAreOffUnlessAskedFor() {
    Parameter p = stack(Role.EXPERT_DOWN, 4, 3, 128, 512);
    assertThat(LrScaling.NONE.factors(p)).containsExactly(1);
    assertThat(new LrScaling(7, Map.of(), false, true).factors(p)).containsExactly(0.5);
    assertThat(new LrScaling(7, Map.of(), true, false).factors(p))
        .containsExactly(0.25, 0.25, 0.25, 0.5, 0.5, 0.5, 0.75, 0.75, 0.75, 1, 1, 1);
  }

  @Test
  void onlyLinearMapsHaveTheRatioAndOnlyLayersTheDepth() {
    assertThat(BOTH.factors(new Parameter("e", Shape.of(256, 64), Role.EMBEDDING)))
        .containsExactly(1);
    assertThat(BOTH.factors(stack(Role.ROUTER, 2, 2, 64))).containsExactly(0.5, 0.5, 1, 1);
    assertThat(BOTH.factors(stack(Role.GAIN, 2, 1))).containsExactly(0.5, 1);
    assertThat(BOTH.factors(stack(Role.ATTENTION, 1, 4, 8, 8)))
        .as("one layer: one factor")
        .containsExactly(1);
  }

  @Test
  void depthsMustFitTheParameter() {
    assertThatThrownBy(
            () -> new Parameter("w", Shape.of(5, 4, 4), Role.ATTENTION, Depth.stacked(2, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("w [5, 4, 4] with 4 slices over 2 layers");
    assertThatThrownBy(() -> new Depth(List.of(0, 2), 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layer 2");
    assertThatThrownBy(() -> LrScaling.of(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lrScale NaN");
  }

  static Stream<Arguments> rules() {
    AdamWSettings adamW = new AdamWSettings(0.02, 0.9, 0.95, 1e-8, 0.3);
    MuonSettings muon = MuonSettings.muon(0.02);
    StiefelSettings stiefel =
        StiefelSettings.of(0.02).withPolar(PolarIteration.polarExpress(20)).withTolerance(1e-16);
    HypersphereSettings rows = HypersphereSettings.of(0.02, SphereMode.PER_ROW);
    HypersphereSettings columns = HypersphereSettings.of(0.02, SphereMode.PER_COLUMN);
    Parameter up = stack(Role.EXPERT_UP, 3, 2, 8, 2);
    Parameter down = stack(Role.EXPERT_DOWN, 3, 2, 2, 8);
    return Stream.of(
        Arguments.of("adamw", up, GroupRule.adamW(adamW)),
        Arguments.of("cautious adamw", up, GroupRule.adamW(adamW.withCautiousDecay())),
        Arguments.of("adamw on rows", stack(Role.ROUTER, 3, 2, 5), GroupRule.adamW(adamW)),
        Arguments.of("adamw on scalars", stack(Role.GAIN, 3, 1), GroupRule.adamW(adamW)),
        Arguments.of("muon", up, GroupRule.muon(muon.withDecay(0.2, false))),
        Arguments.of("cautious muon", down, GroupRule.muon(muon.withDecay(0.2, true))),
        Arguments.of("normuon", up, GroupRule.muon(MuonSettings.norMuon(0.02))),
        Arguments.of("stiefel", up, GroupRule.stiefel(stiefel)),
        Arguments.of("stiefel irls", down, GroupRule.stiefel(stiefel.withSolver(Irls.training(2)))),
        Arguments.of(
            "stiefel by the seed convention",
            up,
            GroupRule.stiefel(stiefel.withSolver(DualAscent.seed(3, 0.1)))),
        Arguments.of("sphere", stack(Role.ROUTER, 3, 2, 5), GroupRule.hypersphere(rows)),
        Arguments.of("geodesic sphere", up, GroupRule.hypersphere(rows.alongGeodesics())),
        Arguments.of("columns", down, GroupRule.hypersphere(columns)));
  }

  /** A step of a stack is a step of each slice at its own rate. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void everySliceStepsAtItsRate(String name, Parameter p, GroupRule rule) {
    LrSchedule schedule = LrSchedule.linear(1, 6, 0.1);
    LrScaling scaling = new LrScaling(1.5, Map.of(p.role(), 0.9), true, true);
    double[] factors = scaling.factors(p);
    assertThat(factors).hasSizeGreaterThan(2);
    double[] start = onManifold(name, p);
    int size = start.length / factors.length;
    Optimizer whole = rule.optimizer("w", List.of(p), schedule, scaling);
    try (Run run = new Run("reference", whole).with(p, start)) {
      IntStream.range(0, 4).forEach(i -> run.step(Run.gaussian(p.shape(), 100 + i)));
      double[] got = run.read(p);
      for (int k = 0; k < factors.length; k++) {
        int at = k * size;
        LrScaling own = LrScaling.of(1.5 * factors[k]);
        double[] want =
            alone(slice(p), rule, schedule, own, Arrays.copyOfRange(start, at, at + size), p, at);
        assertThat(Run.distance(Arrays.copyOfRange(got, at, at + size), want))
            .as("%s, slice %s", name, k)
            .isLessThan(1e-13);
      }
    }
  }

  /**
   * In float32 the rounding of weights of up to 4, 2.4e-7 a step, and the error of an update times
   * a rate of up to 0.06, where Muon's five quintic steps enlarge a rounding up to 3.4⁵ = 480
   * times.
   */
  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void theCpuEngineStepsAsTheReference(String name, Parameter p, GroupRule rule) {
    double[][] results = new double[2][];
    for (int e = 0; e < 2; e++) {
      LrScaling scaling = new LrScaling(1.5, Map.of(), true, true);
      Optimizer optimizer = rule.optimizer("w", List.of(p), LrSchedule.linear(1, 6, 0.1), scaling);
      String engine = e == 0 ? "reference" : "cpu";
      try (Run run = new Run(engine, optimizer).with(p, onManifold(name, p))) {
        IntStream.range(0, 4).forEach(i -> run.step(Run.gaussian(p.shape(), 100 + i)));
        results[e] = run.read(p);
      }
    }
    assertThat(Run.distance(results[1], results[0])).isLessThan(4 * (2.4e-7 + 0.06 * 480 * 6e-8));
  }

  private static double[] onManifold(String name, Parameter p) {
    double[] x = Run.gaussian(p.shape(), 1);
    if (name.startsWith("stiefel")) {
      return Manifolds.stiefel(p.shape(), x, 1);
    }
    return name.contains("sphere")
        ? Manifolds.sphere(p.shape(), x, SphereMode.PER_ROW)
        : name.equals("columns") ? Manifolds.sphere(p.shape(), x, SphereMode.PER_COLUMN) : x;
  }

  /** Rows of one matrix that move at different rates would leave its manifold. */
  @Test
  void rowsOfOneMatrixHaveNoRatesOfTheirOwn() {
    Parameter rows = new Parameter("w", Shape.of(4, 3), Role.ATTENTION, Depth.stacked(2, 2));
    LrScaling byDepth = new LrScaling(1, Map.of(), true, false);
    LrSchedule constant = LrSchedule.constant(0);
    for (GroupRule rule :
        List.of(
            GroupRule.stiefel(StiefelSettings.of(0.1)), GroupRule.muon(MuonSettings.muon(0.1)))) {
      assertThatThrownBy(() -> rule.optimizer("o", List.of(rows), constant, byDepth))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("o: w [4, 3] with a learning rate for each of its 4 rows");
    }
  }

  /** Rows that are vectors may, columns and whole matrices would leave the plane of their step. */
  @Test
  void rowsHaveRatesOfTheirOwnWhereTheyAreTheUnitVectors() {
    LrScaling byDepth = new LrScaling(1, Map.of(), true, false);
    for (SphereMode mode : SphereMode.values()) {
      for (SphereMode ofModel : SphereMode.values()) {
        Parameter rows = new Parameter("w", Shape.of(4, 3), Role.ROUTER, Depth.stacked(2, 2));
        Parameter own =
            new Parameter(
                "w", rows.shape(), rows.role(), rows.depth(), Heads.NONE, Optional.of(ofModel));
        HypersphereSettings settings = HypersphereSettings.of(0.1, mode);
        rowsAreRefusedUnless(mode == SphereMode.PER_ROW, rows, settings, byDepth);
        rowsAreRefusedUnless(ofModel == SphereMode.PER_ROW, own, settings, byDepth);
      }
    }
  }

  private static void rowsAreRefusedUnless(
      boolean vectors, Parameter p, HypersphereSettings settings, LrScaling scaling) {
    Throwable refusal =
        catchThrowable(
            () -> new HypersphereMuon("o", List.of(p), settings, LrSchedule.constant(0), scaling));
    if (vectors) {
      assertThat(refusal).isNull();
    } else {
      assertThat(refusal)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("o: w [4, 3] with a learning rate for each of its 4 rows");
    }
  }

  /** The slices of a stack without its first dimension; of a table, its rows. */
  private static Parameter slice(Parameter p) {
    Shape shape = p.shape();
    return new Parameter(
        "w",
        switch (shape.rank()) {
          case 1 -> Shape.of(1);
          case 2 -> Shape.of(1, shape.dim(1));
          default -> Shape.of(shape.dim(1), shape.dim(2));
        },
        p.role());
  }

  private static double[] alone(
      Parameter slice,
      GroupRule rule,
      LrSchedule schedule,
      LrScaling scaling,
      double[] start,
      Parameter stack,
      int at) {
    Optimizer optimizer = rule.optimizer("w", List.of(slice), schedule, scaling);
    try (Run run = new Run("reference", optimizer).with(slice, start)) {
      for (int i = 0; i < 4; i++) {
        double[] d = Run.gaussian(stack.shape(), 100 + i);
        run.step(Arrays.copyOfRange(d, at, at + start.length));
      }
      return run.read(slice);
    }
  }

  @Test
  void stiefelStepsAreNotLongerThanTheRadius() {
    Parameter p = stack(Role.EXPERT_UP, 2, 1, 16, 4);
    LrScaling twice = new LrScaling(1, Map.of(), false, true);
    assertThatThrownBy(
            () ->
                new StiefelMuon(
                    "s", List.of(p), StiefelSettings.of(0.6), LrSchedule.constant(0), twice))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("learning rate 1.2 of w");
  }

  @Test
  void reportsHaveTheRateOfTheGroup() {
    AdamW adamW =
        new AdamW(
            "adamw",
            List.of(stack(Role.ROUTER, 2, 2, 4)),
            AdamWSettings.of(0.1),
            LrSchedule.constant(2),
            new LrScaling(3, Map.of(), true, false));
    assertThat(adamW.learningRate(0)).isEqualTo(0.15, within(1e-15));
    assertThat(adamW.learningRate(7)).isEqualTo(0.3, within(1e-15));
  }
}
