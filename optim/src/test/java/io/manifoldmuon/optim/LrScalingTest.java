package io.manifoldmuon.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LrScalingTest {
  private static final LrScaling BOTH = new LrScaling(1, true, true);

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
    assertThat(new LrScaling(7, false, true).factors(p)).containsExactly(0.5);
    assertThat(new LrScaling(7, true, false).factors(p))
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

  /** A step on the stack is a step of each slice at its own rate, whatever the role. */
  @Test
  void adamWStepsEverySliceAtItsRate() {
    AdamWSettings settings = new AdamWSettings(0.02, 0.9, 0.95, 1e-8, 0.3);
    for (AdamWSettings s : List.of(settings, settings.withCautiousDecay())) {
      assertSlicesStepAlone(s, stack(Role.EXPERT_UP, 3, 2, 8, 2));
      assertSlicesStepAlone(s, stack(Role.ROUTER, 3, 2, 5));
      assertSlicesStepAlone(s, stack(Role.GAIN, 3, 1));
    }
  }

  private static void assertSlicesStepAlone(AdamWSettings settings, Parameter p) {
    LrSchedule schedule = LrSchedule.linear(1, 6, 0.1);
    LrScaling scaling = new LrScaling(1.5, true, true);
    double[] factors = scaling.factors(p);
    int size = p.shape().size() / factors.length;
    double[] start = Run.gaussian(p.shape(), 1);
    AdamW whole = new AdamW("adamw", List.of(p), settings, schedule, scaling);
    try (Run run = new Run("reference", whole).with(p, start)) {
      IntStream.range(0, 4).forEach(i -> run.step(Run.gaussian(p.shape(), 100 + i)));
      double[] got = run.read(p);
      for (int k = 0; k < factors.length; k++) {
        int at = k * size;
        boolean matrix = p.shape().rank() >= 2; // a slice keeps what decides on its decay
        Parameter slice = new Parameter("w", matrix ? Shape.of(1, size) : Shape.of(1), p.role());
        AdamWSettings own =
            new AdamWSettings(
                settings.lr() * 1.5 * factors[k],
                settings.beta1(),
                settings.beta2(),
                settings.epsilon(),
                settings.weightDecay(),
                settings.cautious());
        try (Run alone = new Run("reference", new AdamW(List.of(slice), own, schedule))) {
          alone.with(slice, Arrays.copyOfRange(start, at, at + size));
          for (int i = 0; i < 4; i++) {
            double[] d = Run.gaussian(p.shape(), 100 + i);
            alone.step(Arrays.copyOfRange(d, at, at + size));
          }
          double[] want = alone.read(slice);
          assertThat(Run.distance(Arrays.copyOfRange(got, at, at + size), want))
              .as("%s slice %s", p.role(), k)
              .isLessThan(1e-14);
        }
      }
    }
  }

  @Test
  void reportsHaveTheRateOfTheGroup() {
    AdamW adamW =
        new AdamW(
            "adamw",
            List.of(stack(Role.ROUTER, 2, 2, 4)),
            AdamWSettings.of(0.1),
            LrSchedule.constant(2),
            new LrScaling(3, true, false));
    assertThat(adamW.learningRate(0)).isEqualTo(0.15, within(1e-15));
    assertThat(adamW.learningRate(7)).isEqualTo(0.3, within(1e-15));
  }
}
