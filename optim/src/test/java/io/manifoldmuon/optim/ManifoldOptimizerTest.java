package io.manifoldmuon.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ManifoldOptimizerTest {
  private static final LrSchedule CONSTANT = LrSchedule.constant(0);
  private static final Parameter EMBEDDING =
      new Parameter("embedding", Shape.of(7, 4), Role.EMBEDDING);
  private static final Parameter ATTENTION =
      new Parameter("attention", Shape.of(8, 4, 4), Role.ATTENTION, Depth.stacked(2, 4));
  private static final Parameter ROUTER =
      new Parameter("routers", Shape.of(2, 3, 4), Role.ROUTER, Depth.stacked(2, 1));
  private static final Parameter UP =
      new Parameter("up", Shape.of(6, 9, 4), Role.EXPERT_UP, Depth.stacked(2, 3));
  private static final Parameter DOWN =
      new Parameter("down", Shape.of(6, 4, 9), Role.EXPERT_DOWN, Depth.stacked(2, 3));
  private static final Parameter GAIN = new Parameter("gains", Shape.of(5, 4), Role.GAIN);
  private static final List<Parameter> ALL = List.of(EMBEDDING, ATTENTION, ROUTER, UP, DOWN, GAIN);

  private static Optimizer group(ComposedOptimizer composed, String name) {
    return composed.groups().stream().filter(o -> o.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void theUsualGroups() {
    ComposedOptimizer o = new ManifoldOptimizer(CONSTANT).build(ALL);
    assertThat(o.groups())
        .extracting(Optimizer::name)
        .containsExactly("stiefel", "sphere", "adamw");
    assertThat(group(o, "stiefel").parameters()).containsExactly(ATTENTION, UP, DOWN);
    assertThat(group(o, "sphere").parameters()).containsExactly(EMBEDDING, ROUTER);
    assertThat(group(o, "adamw").parameters()).containsExactly(GAIN);
    assertThat(o.parameters()).containsExactlyInAnyOrderElementsOf(ALL);
  }

  @Test
  void everyMappingCanBeOverridden() {
    ComposedOptimizer o =
        new ManifoldOptimizer(CONSTANT)
            .assign(Role.EMBEDDING, "adamw")
            .group(Role.EXPERT_DOWN, GroupRule.muon(MuonSettings.muon(0.5)))
            .group("still", GroupRule.frozen())
            .assign(Role.ROUTER, "still")
            .build(ALL);
    assertThat(o.groups())
        .as("sphere has no parameters left")
        .extracting(Optimizer::name)
        .containsExactly("stiefel", "adamw", "expert-down", "still");
    assertThat(group(o, "stiefel").parameters()).containsExactly(ATTENTION, UP);
    assertThat(group(o, "adamw").parameters()).containsExactly(EMBEDDING, GAIN);
    assertThat(group(o, "expert-down")).isInstanceOf(Muon.class);
    assertThat(group(o, "expert-down").learningRate(0)).isEqualTo(0.5);
    assertThat(o.constraints()).extracting(Constraint::parameter).containsExactly(ATTENTION, UP);
  }

  @Test
  void unknownGroupsAreRefused() {
    assertThatThrownBy(() -> new ManifoldOptimizer(CONSTANT).assign(Role.GAIN, "adam"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'adam' given, wanted one of [stiefel, sphere, adamw]");
    assertThatThrownBy(() -> new ManifoldOptimizer(CONSTANT).lrScale("muon", 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'muon' given");
    assertThatThrownBy(
            () ->
                new ManifoldOptimizer(CONSTANT)
                    .assign(Role.GAIN, "stiefel")
                    .build(List.of(new Parameter("g", Shape.of(3), Role.GAIN))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("give vectors to AdamW");
  }

  @Test
  void aFrozenGroupStays() {
    ComposedOptimizer o =
        new ManifoldOptimizer(CONSTANT)
            .group(Role.GAIN, GroupRule.frozen())
            .build(List.of(GAIN, UP));
    double[] up = Manifolds.stiefel(UP.shape(), Run.gaussian(UP.shape(), 1), 1);
    double[] gains = Run.gaussian(GAIN.shape(), 2);
    try (Engine engine = Engines.open("reference", EngineOptions.defaults(), _ -> {})) {
      engine.write(GAIN.variable(), Tensor.of(GAIN.shape(), gains));
      engine.write(UP.variable(), Tensor.of(UP.shape(), up));
      var g = new GraphBuilder();
      o.record(g, Map.of(GAIN, g.fill(1, GAIN.shape()), UP, g.fill(1, UP.shape())), g.constant(1));
      try (var program = engine.compile(g.build())) {
        o.writeInputs(program, 0);
        program.run();
      }
      assertThat(engine.read(GAIN.variable()).doubles()).isEqualTo(gains);
      assertThat(engine.read(UP.variable()).doubles()).isNotEqualTo(up);
    }
  }

  /** Unit vectors that a model wants are set back where something moves them, and nowhere else. */
  @Test
  void frozenUnitVectorsStayToo() {
    Parameter still = unitRows("still", Role.EMBEDDING);
    Parameter moving = unitRows("moving", Role.ROUTER);
    ComposedOptimizer inner = new ComposedOptimizer(List.of(new Frozen("frozen", List.of(still))));
    AdamW adamW = new AdamW(List.of(moving), AdamWSettings.of(0.1), CONSTANT);
    for (Optimizer o :
        List.of(
            new ComposedOptimizer(List.of(adamW, new Frozen("frozen", List.of(still)))),
            new ComposedOptimizer(List.of(adamW, inner)))) {
      double[] start = Run.gaussian(still.shape(), 1);
      try (Run run = new Run("reference", o).with(still, start).with(moving, start);
          Retraction retraction = new Retraction(run.engine(), o)) {
        run.step(Map.of(moving, Run.gaussian(moving.shape(), 2)));
        assertThat(retraction.restore().after().holds()).isTrue();
        assertThat(run.read(still)).isEqualTo(start);
        double[] unit = Manifolds.sphere(moving.shape(), run.read(moving), SphereMode.PER_ROW);
        assertThat(Run.distance(run.read(moving), unit)).isLessThan(1e-15);
        assertThat(Run.distance(run.read(moving), start)).isGreaterThan(0.1);
      }
      assertThat(o.constraints()).extracting(Constraint::parameter).containsExactly(moving);
    }
  }

  private static Parameter unitRows(String name, Role role) {
    return new Parameter(
        name, Shape.of(6, 4), role, Depth.NONE, Heads.NONE, Optional.of(SphereMode.PER_ROW));
  }

  @Test
  void scalesOfGroupsAndRolesMultiply() {
    ComposedOptimizer o =
        new ManifoldOptimizer(CONSTANT)
            .lrScale("sphere", 0.5)
            .lrScale(Role.ROUTER, 0.1)
            .scaledByDepth(true)
            .build(List.of(EMBEDDING, ROUTER));
    assertThat(o.learningRate(0)).isEqualTo(0.01, within(1e-17));
    double[] table =
        Manifolds.sphere(EMBEDDING.shape(), Run.gaussian(EMBEDDING.shape(), 1), SphereMode.PER_ROW);
    double[] rows =
        Manifolds.sphere(ROUTER.shape(), Run.gaussian(ROUTER.shape(), 2), SphereMode.PER_ROW);
    try (Run run = new Run("reference", o).with(EMBEDDING, table).with(ROUTER, rows)) {
      run.step(
          Map.of(
              EMBEDDING,
              Run.gaussian(EMBEDDING.shape(), 3),
              ROUTER,
              Run.gaussian(ROUTER.shape(), 4)));
      angles(table, run.read(EMBEDDING), 0.01, 0.01);
      angles(rows, run.read(ROUTER), 0.001 / 2, 0.001); // (ℓ+1)/L
    }
  }

  /** The angles by which the rows of the first and of the second half have turned: atan η. */
  private static void angles(double[] before, double[] after, double first, double second) {
    int n = before.length / 4;
    for (int row = 0; row < n; row++) {
      double sine = 0; // |a − b|² of unit vectors is (2·sin(θ/2))²
      for (int i = 4 * row; i < 4 * row + 4; i++) {
        sine += Math.pow(before[i] - after[i], 2);
      }
      double eta = row < n / 2 ? first : second;
      assertThat(2 * Math.asin(Math.sqrt(sine) / 2)).isEqualTo(Math.atan(eta), within(1e-14));
    }
  }

  @Test
  void violationsAreCountedByGroupAndManifold() {
    ComposedOptimizer o =
        new ManifoldOptimizer(CONSTANT)
            .group(Role.EXPERT_UP, GroupRule.stiefel(StiefelSettings.of(0.1)))
            .build(ALL);
    try (Engine engine = Engines.open("reference", EngineOptions.defaults(), _ -> {});
        ConstraintCheck check = new ConstraintCheck(engine, o)) {
      write(
          engine,
          EMBEDDING,
          Manifolds.sphere(
              EMBEDDING.shape(), Run.gaussian(EMBEDDING.shape(), 1), SphereMode.PER_ROW),
          1);
      write(
          engine,
          ROUTER,
          Manifolds.sphere(ROUTER.shape(), Run.gaussian(ROUTER.shape(), 2), SphereMode.PER_ROW),
          1.5);
      write(
          engine,
          ATTENTION,
          Manifolds.stiefel(ATTENTION.shape(), Run.gaussian(ATTENTION.shape(), 3), 1),
          1);
      write(engine, UP, Manifolds.stiefel(UP.shape(), Run.gaussian(UP.shape(), 4), 1), 2);
      write(engine, DOWN, Manifolds.stiefel(DOWN.shape(), Run.gaussian(DOWN.shape(), 5), 1), 1);
      ConstraintCheck.Report report = check.run();
      assertThat(report.total().violations()).as("6 router rows, 6 matrices").isEqualTo(12);
      assertThat(report.total().count()).isEqualTo(8 + 6 + 6 + 7 + 6);
      assertThat(report.byGroup().get("stiefel").violations()).isZero();
      assertThat(report.byGroup().get("sphere").violations()).isEqualTo(6);
      assertThat(report.byGroup().get("expert-up").max()).isEqualTo(3, within(1e-12));
      assertThat(report.byManifold().get("stiefel").violations()).isEqualTo(6);
      assertThat(report.byManifold().get("stiefel").mean()).isEqualTo(0.9, within(1e-12));

      Map<String, Double> log = o.logMetrics("opt/", 0, report);
      assertThat(log).containsEntry("opt/violations", 12.0).containsEntry("opt/adamw.lr", 3e-3);
      assertThat(log).containsEntry("opt/on_sphere.violations", 6.0);
      assertThat(log.get("opt/expert-up.constraint_max")).isEqualTo(3, within(1e-12));
      assertThat(log.get("opt/sphere.constraint_mean")).isEqualTo(0.5 * 6 / 13, within(1e-12));

      write(engine, ATTENTION, new double[ATTENTION.shape().size()], Double.NaN);
      report = check.run();
      assertThat(report.byGroup().get("stiefel").violations()).as("NaN is one").isEqualTo(8);
      assertThat(report.total().max()).isNaN();
      assertThat(report.holds()).isFalse();
    }
  }

  private static void write(Engine engine, Parameter p, double[] x, double factor) {
    double[] scaled = Arrays.stream(x).map(v -> v * factor).toArray();
    engine.write(p.variable(), Tensor.of(p.shape(), scaled));
  }

  @Test
  void presets() {
    assertThat(StiefelPreset.values())
        .extracting(StiefelPreset::baseLr)
        .containsExactly(0.01, 0.02, 0.03);
    assertThat(StiefelPreset.values())
        .extracting(StiefelPreset::dualSteps)
        .containsExactly(15, 10, 5);
    assertThat(StiefelPreset.values())
        .extracting(StiefelPreset::dualLr)
        .containsExactly(0.05, 0.1, 0.2);
  }
}
