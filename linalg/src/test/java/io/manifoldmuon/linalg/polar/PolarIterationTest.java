package io.manifoldmuon.linalg.polar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The facts that the iterations state of themselves. */
class PolarIterationTest {

  /** max|1 − σ| over a fine geometric grid of σ₀ from {@code least} to 1. */
  private static double worst(PolarIteration it, double least) {
    double worst = 0;
    int points = 20_000;
    for (int i = 0; i <= points; i++) {
      double sigma = Math.pow(least, (double) i / points);
      worst = Math.max(worst, Math.abs(1 - it.singularValue(sigma)));
    }
    return worst;
  }

  private static int stepsTo(double tolerance, double sigma, IntFunction<PolarIteration> of) {
    int steps = 1;
    while (!(Math.abs(1 - of.apply(steps).singularValue(sigma)) <= tolerance)) {
      steps++;
    }
    return steps;
  }

  @ParameterizedTest
  @CsvSource({"1e-3, 21, 14", "1e-2, 15, 10", "0.1, 10, 6", "0.5, 6, 4"})
  void stepsToOneInAMillion(double sigma, int cubic, int taylor) {
    assertThat(stepsTo(1e-6, sigma, PolarIteration::cubic)).isEqualTo(cubic);
    assertThat(stepsTo(1e-6, sigma, PolarIteration::taylorQuintic)).isEqualTo(taylor);
  }

  @ParameterizedTest
  @CsvSource({"5, 0.17, 0.15", "6, 6.6e-3, 6e-3", "7, 1.2e-5, 1e-5", "8, 4e-15, 0"})
  void polarExpressErrors(int steps, double most, double least) {
    assertThat(worst(PolarIteration.polarExpress(steps), 1e-3)).isBetween(least, most);
  }

  @ParameterizedTest
  @CsvSource({"4, 1e-2, 2.6e-2", "5, 5e-3, 2.8e-3"})
  void polarExpressErrorsOfLargerSingularValues(int steps, double least, double error) {
    PolarIteration it = PolarIteration.polarExpress(steps, least);
    assertThat(1 - it.singularValue(least)).isCloseTo(error, withinPercentage(2));
    assertThat(worst(it, least)).as("no other is worse").isCloseTo(error, withinPercentage(2));
  }

  @Test
  void polarExpressConvergesBeyondItsList() {
    assertThat(worst(PolarIteration.polarExpress(16), 1e-5)).isLessThan(1e-14);
  }

  @Test
  void muonLandsInItsBandAndNeverConverges() {
    for (int steps : new int[] {5, 8, 20}) {
      PolarIteration muon = PolarIteration.muonQuintic(steps);
      for (double sigma = 1; sigma >= 1e-2; sigma *= 0.999) {
        assertThat(muon.singularValue(sigma)).as(steps + " steps of " + sigma).isBetween(.68, 1.14);
      }
      assertThat(worst(muon, 1e-2)).isGreaterThan(0.1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cubic", "taylor-quintic", "muon-quintic", "polar-express"})
  void namesGiveTheIterations(String name) {
    PolarIteration it = PolarIteration.of(name, 3);
    assertThat(it.name()).isEqualTo(name);
    assertThat(it.steps()).hasSize(3);
    assertThat(PolarIteration.names()).contains(name);
  }

  @Test
  void otherNamesAndNoStepsAreRefused() {
    assertThatThrownBy(() -> PolarIteration.of("quintic", 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'quintic'")
        .hasMessageContaining("polar-express");
    assertThatThrownBy(() -> PolarIteration.cubic(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new PolarIteration("x", Double.NaN, List.of(new OddPolynomial(1, 0, 0))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void flopsAreThoseOfTheProducts() {
    assertThat(PolarIteration.muonQuintic(5).flops(100, 10)).isEqualTo(5 * (3e4 + 1e3));
    assertThat(PolarIteration.cubic(2).flops(10, 100)).isEqualTo(2 * 3e4);
  }
}
