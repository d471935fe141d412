package io.manifoldmuon.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PowerLawTest {
  private static final double[] SIZES = {1, 2, 4, 8, 16};

  @ParameterizedTest
  @ValueSource(doubles = {-1.5, 0, 1, 2.75})
  void anExactLawIsFound(double exponent) {
    double[] y = Arrays.stream(SIZES).map(x -> 0.3 * Math.pow(x, exponent)).toArray();
    PowerLaw law = PowerLaw.fit(SIZES, y);
    assertThat(law.exponent()).isCloseTo(exponent, within(1e-14));
    assertThat(law.factor()).isCloseTo(0.3, within(1e-14));
    assertThat(law.standardError()).isCloseTo(0, within(1e-14));
  }

  /** By hand: u = 0, 1, 2 and v = 0, 2, 3 give p = 3/2, r = −1/6, 1/3, −1/6, s² = 1/6 / 1 / 2. */
  @Test
  void exponentAndErrorAreThoseOfLeastSquares() {
    PowerLaw law =
        PowerLaw.fit(
            new double[] {1, Math.E, Math.exp(2)}, new double[] {1, Math.exp(2), Math.exp(3)});
    assertThat(law.exponent()).isCloseTo(1.5, within(1e-14));
    assertThat(law.factor()).isCloseTo(Math.exp(1 / 6.0), within(1e-14));
    assertThat(law.standardError()).isCloseTo(Math.sqrt(1 / 12.0), within(1e-14));
  }

  /**
   * A fixed cost lowers the exponent, and the one between the last points is nearer to the true.
   */
  @Test
  void aFixedCostBendsTheLaw() {
    double[] y = Arrays.stream(SIZES).map(x -> 3 + x).toArray();
    PowerLaw law = PowerLaw.fit(SIZES, y);
    double last = PowerLaw.slope(8, y[3], 16, y[4]);
    assertThat(law.exponent()).isBetween(0.4, 0.7);
    assertThat(last).isGreaterThan(law.exponent()).isLessThan(1);
    assertThat(law.standardError()).isGreaterThan(0.02);
  }

  @Test
  void twoPointsHaveALawWithoutAnError() {
    PowerLaw law = PowerLaw.fit(new double[] {2, 8}, new double[] {1, 16});
    assertThat(law.exponent()).isCloseTo(2, within(1e-14));
    assertThat(law.exponent()).isCloseTo(PowerLaw.slope(2, 1, 8, 16), within(1e-14));
    assertThat(law.standardError()).isNaN();
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 2, NaN", "1, 1, 2, 0", "0, 1, 2, 1", "2, 1, 2, 3"})
  void whatHasNoLawIsRefused(double x0, double y0, double x1, double y1) {
    assertThatThrownBy(() -> PowerLaw.fit(new double[] {x0, x1}, new double[] {y0, y1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("power law: ");
  }

  @Test
  void onePointOrUnequalNumbersAreRefused() {
    assertThatThrownBy(() -> PowerLaw.fit(new double[] {1}, new double[] {1}))
        .hasMessageContaining("2 or more");
    assertThatThrownBy(() -> PowerLaw.fit(new double[] {1, 2}, new double[] {1}))
        .hasMessageContaining("2 places and 1 values");
  }
}
