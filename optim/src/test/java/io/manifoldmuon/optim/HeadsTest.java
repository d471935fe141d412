package io.manifoldmuon.optim;

import static io.manifoldmuon.optim.Heads.Side.INPUTS;
import static io.manifoldmuon.optim.Heads.Side.OUTPUTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.manifoldmuon.linalg.Shape;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** StiefelMuon on the heads of attention matrices. */
class HeadsTest {
  private static final int D = 12;
  private static final int H = 3;
  private static final int STEPS = 4;
  private static final LrSchedule CONSTANT = LrSchedule.constant(0);
  private static final Parameter STACK =
      new Parameter(
          "w",
          Shape.of(8, D, D),
          Role.ATTENTION,
          Depth.stacked(2, 4),
          Heads.repeated(H, 2, OUTPUTS, OUTPUTS, OUTPUTS, INPUTS));

  private static StiefelMuon stiefel(Parameter p, StiefelSettings settings) {
    return new StiefelMuon("stiefel", List.of(p), settings, CONSTANT);
  }

  private static double[] gradient(int step) {
    return Run.gaussian(STACK.shape(), 100 + step);
  }

  private static double[] trained(String engine, Parameter p, StiefelSettings settings) {
    try (Run run = new Run(engine, stiefel(p, settings))) {
      run.with(p, Manifolds.stiefel(p.shape(), Run.gaussian(p.shape(), 1), 1));
      for (int t = 0; t < STEPS; t++) {
        run.step(gradient(t));
      }
      return run.read(p);
    }
  }

  /** The rows of a head, or its columns as they are in the matrix, [fanOut, fanIn/H]. */
  private static double[] head(double[] stack, int matrix, int head) {
    int size = D / H;
    double[] block = new double[D * size];
    int from = matrix * D * D;
    if (STACK.heads().sides().get(matrix) == OUTPUTS) {
      System.arraycopy(stack, from + head * size * D, block, 0, block.length);
      return block;
    }
    for (int i = 0; i < D; i++) {
      System.arraycopy(stack, from + i * D + head * size, block, i * size, size);
    }
    return block;
  }

  @ParameterizedTest
  @CsvSource({"reference,1", "reference,0.5", "cpu,1"})
  void everyHeadStepsAsAMatrixByItself(String engine, double radius) {
    StiefelSettings settings = StiefelSettings.of(0.1).withRadius(radius).splitByHead();
    double[] start = Manifolds.stiefel(STACK.shape(), Run.gaussian(STACK.shape(), 1), radius);
    double tolerance = engine.equals("reference") ? 1e-11 : 1e-4;
    double[] all;
    try (Run run = new Run(engine, stiefel(STACK, settings)).with(STACK, start)) {
      for (int t = 0; t < STEPS; t++) {
        run.step(gradient(t));
      }
      all = run.read(STACK);
    }
    for (int m = 0; m < STACK.shape().dim(0); m++) {
      boolean rows = STACK.heads().sides().get(m) == OUTPUTS;
      Parameter one = rows ? Parameter.matrix("w", D / H, D) : Parameter.matrix("w", D, D / H);
      for (int h = 0; h < H; h++) {
        try (Run run = new Run(engine, stiefel(one, settings)).with(one, head(start, m, h))) {
          for (int t = 0; t < STEPS; t++) {
            run.step(head(gradient(t), m, h));
          }
          assertThat(Run.distance(head(all, m, h), run.read(one)))
              .as("matrix %d, head %d", m, h)
              .isLessThan(tolerance);
        }
      }
    }
  }

  @Test
  void theConstraintIsThatOfTheHeadsAndNotOfTheMatrix() {
    StiefelSettings byHead = StiefelSettings.of(0.1).splitByHead();
    try (Run run = new Run("reference", stiefel(STACK, byHead))) {
      run.with(STACK, Manifolds.stiefel(STACK.shape(), Run.gaussian(STACK.shape(), 1), 1));
      for (int t = 0; t < STEPS; t++) {
        run.step(gradient(t));
      }
      try (var heads = new ConstraintCheck(run.engine(), stiefel(STACK, byHead));
          var whole = new ConstraintCheck(run.engine(), stiefel(STACK, StiefelSettings.of(0.1)));
          var solves = new SolverCheck(run.engine(), stiefel(STACK, byHead))) {
        assertThat(heads.run().total().count()).isEqualTo(8 * H);
        assertThat(heads.run().total().max()).isLessThan(1e-6);
        assertThat(whole.run().total().max()).isGreaterThan(1e-2);
        assertThat(solves.run().keySet()).extracting(Solve::solver).containsExactly("irls");
      }
    }
  }

  @Test
  void withoutTheOptionOrWithoutHeadsMatricesStayWhole() {
    Parameter plain = new Parameter("w", STACK.shape(), Role.ATTENTION, STACK.depth());
    StiefelSettings settings = StiefelSettings.of(0.1);
    double[] want = trained("reference", plain, settings);
    assertThat(trained("reference", STACK, settings)).isEqualTo(want);
    assertThat(trained("reference", plain, settings.splitByHead())).isEqualTo(want);
    assertThat(trained("reference", STACK, settings.splitByHead()))
        .matches(w -> Run.distance(w, want) > 1e-2);
  }

  @Test
  void headsMustFitTheMatrices() {
    assertRefused(Shape.of(8, 10, 12), Heads.repeated(4, 8, OUTPUTS), "a side that 4 divides");
    assertRefused(Shape.of(8, 12, 24), Heads.repeated(4, 8, INPUTS), "square matrices");
    assertRefused(Shape.of(8, 12, 12), Heads.repeated(4, 7, INPUTS), "one side for each matrix");
    assertThatThrownBy(() -> new Heads(0, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 heads given");
    Parameter single =
        new Parameter("w", Shape.of(12, 24), Role.ATTENTION, Depth.NONE, heads(4, OUTPUTS));
    assertThat(MatrixView.heads(single).shape()).isEqualTo(Shape.of(4, 3, 24));
  }

  /** In the shape of the parameter: W + lr·A is what was retracted. */
  @Test
  void theUpdateOfACertifiedStepIsThatOfTheWholeMatrices() {
    StiefelMuon muon =
        stiefel(STACK, StiefelSettings.of(0.1).withTolerance(1e-15).splitByHead().certified());
    double[] w = Manifolds.stiefel(STACK.shape(), Run.gaussian(STACK.shape(), 1), 1);
    try (OptimizerSession session = OptimizerSession.open("reference", muon)) {
      session.write("w", w);
      session.step("w", gradient(0));
      assertThat(session.report(muon, STACK).count()).isEqualTo(8 * H);
      double[] a = session.update(muon, STACK).doubles();
      double[] got = session.read("w").doubles();
      for (int m = 0; m < 8; m++) {
        boolean rows = STACK.heads().sides().get(m) == OUTPUTS;
        Shape shape = rows ? Shape.of(D / H, D) : Shape.of(D, D / H);
        double[] moved = head(w, m, 1);
        double[] step = head(a, m, 1);
        for (int i = 0; i < moved.length; i++) {
          moved[i] += 0.1 * step[i];
        }
        assertThat(Run.distance(head(got, m, 1), Manifolds.stiefel(shape, moved, 1)))
            .isLessThan(1e-12);
      }
    }
  }

  private static Heads heads(int count, Heads.Side... sides) {
    return new Heads(count, Arrays.asList(sides));
  }

  private static void assertRefused(Shape shape, Heads heads, String wanted) {
    assertThatThrownBy(() -> new Parameter("w", shape, Role.ATTENTION, Depth.NONE, heads))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("w " + shape)
        .hasMessageContaining(wanted);
  }
}
