package io.manifoldmuon.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class LrScheduleTest {
  private static final double EXACT = 1e-15;

  private static void at(LrSchedule s, long step, double want) {
    assertThat(s.factor(step)).as("step " + step).isEqualTo(want, within(EXACT));
  }

  @Test
  void warmUpRisesInEqualStepsToOne() {
    for (LrSchedule s :
        List.of(
            LrSchedule.constant(10),
            LrSchedule.linear(10, 110, 0.1),
            LrSchedule.cosine(10, 110, 0.1),
            LrSchedule.warmupStableDecay(10, 110, 0.2, 0.1))) {
      at(s, 0, 0.1);
      at(s, 4, 0.5);
      at(s, 9, 1);
      at(s, 10, 1);
    }
  }

  @Test
  void linearIsAStraightLineToTheRatio() {
    LrSchedule s = LrSchedule.linear(10, 110, 0.1);
    at(s, 60, 0.55);
    at(s, 109, 0.109);
    at(s, 110, 0.1);
    at(s, 1_000_000, 0.1);
  }

  @Test
  void cosineIsHalfWayInTheMiddleAndFlatAtTheEnds() {
    LrSchedule s = LrSchedule.cosine(10, 110, 0.2);
    at(s, 60, 0.6);
    at(s, 35, 0.2 + 0.8 * (1 + Math.sqrt(0.5)) / 2);
    at(s, 110, 0.2);
    at(s, 111, 0.2);
    assertThat(1 - s.factor(11)).isBetween(0.0, 0.001);
  }

  @Test
  void warmupStableDecayHoldsThenFalls() {
    LrSchedule s = LrSchedule.warmupStableDecay(10, 110, 0.2, 0);
    at(s, 87, 1);
    at(s, 88, 1);
    at(s, 99, 0.5);
    at(s, 110, 0);
    LrSchedule never = LrSchedule.warmupStableDecay(0, 5, 0, 0.5);
    at(never, 4, 1);
    at(never, 5, 0.5);
  }

  @Test
  void noWarmUpStartsAtOne() {
    at(LrSchedule.constant(0), 0, 1);
    at(LrSchedule.constant(0), 1_000_000_000_000L, 1);
    at(LrSchedule.cosine(0, 4, 0), 0, 1);
    at(LrSchedule.linear(0, 1, 0), 0, 1);
  }

  @Test
  void warmUpLongerThanTheScheduleIsFinished() {
    LrSchedule s = LrSchedule.cosine(10, 5, 0.1);
    at(s, 5, 0.6);
    at(s, 9, 1);
    at(s, 10, 0.1);
  }

  @Test
  void aNegativeStepOrARatioOutOfRangeIsRefused() {
    assertThatThrownBy(() -> LrSchedule.constant(0).factor(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("step -1");
    assertThatThrownBy(() -> LrSchedule.linear(0, 1, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> LrSchedule.linear(-1, 1, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aDecayThatIsNoFractionIsRefused() {
    for (double fraction : new double[] {-1, -1e-9, 1.001, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> LrSchedule.warmupStableDecay(2, 9, fraction, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("decay fraction " + fraction);
    }
    at(LrSchedule.warmupStableDecay(0, 10, 1, 0), 5, 0.5);
  }
}
