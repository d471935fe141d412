package io.manifoldmuon.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GradientClipTest {

  private record Result(double norm, double scale) {}

  /** Clips the gradients [a, 0] and [[b]]. */
  private static Result clip(double a, double b, double share, double maxNorm) {
    GraphBuilder g = new GraphBuilder();
    Value first = g.input("a", Type.real(2));
    Value second = g.input("b", Type.real(1, 1));
    GradientClip clip = GradientClip.record(g, List.of(first, second), share, maxNorm);
    g.output("norm", clip.norm());
    g.output("scale", clip.scale());
    try (Engine engine = Engines.open("reference", EngineOptions.defaults(), _ -> {});
        Program program = engine.compile(g.build())) {
      program.write("a", Tensor.of(Shape.of(2), a, 0.0));
      program.write("b", Tensor.of(Shape.of(1, 1), new double[] {b}));
      program.run();
      return new Result(program.readScalar("norm"), program.readScalar("scale"));
    }
  }

  @Test
  void aLongGradientIsBroughtToTheMaximum() {
    Result r = clip(3, -4, 1, 2);
    assertThat(r.norm()).isEqualTo(5, within(1e-15));
    assertThat(r.scale()).isEqualTo(0.4, within(1e-15));
  }

  @Test
  void theShareCountsBeforeTheMaximum() {
    Result r = clip(3, -4, 0.25, 1);
    assertThat(r.norm()).isEqualTo(1.25, within(1e-15));
    assertThat(r.scale() * 5).isEqualTo(1, within(1e-15));
  }

  @Test
  void aShortGradientIsLeftAloneExactly() {
    for (double max : new double[] {5, 5.1, 1e30}) {
      assertThat(clip(3, -4, 1, max).scale()).as("maximum " + max).isEqualTo(1.0);
    }
    assertThat(clip(3, -4, 0.125, 1).scale()).isEqualTo(0.125);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1})
  void noMaximumMeansNoClipping(double maxNorm) {
    Result r = clip(3e10, -4e10, 0.5, maxNorm);
    assertThat(r.norm()).isEqualTo(2.5e10, within(1e-4));
    assertThat(r.scale()).isEqualTo(0.5);
  }

  @Test
  void zeroGradientsGiveNoNaN() {
    Result r = clip(0, 0, 1, 1);
    assertThat(r.norm()).isZero();
    assertThat(r.scale()).isEqualTo(1.0);
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e200})
  void aNormThatIsNotFiniteStaysVisible(double bad) {
    Result r = clip(bad, 1, 1, 1);
    assertThat(Double.isFinite(r.norm())).as("norm " + r.norm()).isFalse();
    assertThat(Double.isFinite(r.scale())).as("scale " + r.scale()).isFalse();
  }

  @Test
  void nothingToClipIsRefused() {
    assertThatThrownBy(() -> GradientClip.record(new GraphBuilder(), List.of(), 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
