package io.manifoldmuon.model.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Against values that others have published. */
class StatisticsTest {
  /** Hours of sleep gained by ten patients with two drugs: Student, "The probable error", 1908. */
  private static final double[] FIRST = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};

  private static final double[] SECOND = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

  @Test
  void thePairedTestOfStudentsSleepData() {
    var test = Statistics.PairedTest.of(FIRST, SECOND); // R: t.test(first, second, paired = TRUE)
    assertThat(test.difference().n()).isEqualTo(10);
    assertThat(test.difference().mean()).isCloseTo(-1.58, within(1e-12));
    assertThat(test.t()).isCloseTo(-4.0621, within(5e-5));
    assertThat(test.p()).isCloseTo(0.002833, within(5e-7));
    assertThat(test.difference().mean() - test.halfWidth()).isCloseTo(-2.4598858, within(1e-7));
    assertThat(test.difference().mean() + test.halfWidth()).isCloseTo(-0.7001142, within(1e-7));
  }

  @Test
  void twoPairsAreACauchyDistribution() {
    // one degree of freedom: p = 1 − 2·atan|t|/π
    var test = Statistics.PairedTest.of(new double[] {1, 4}, new double[] {0, 0});
    double t = 2.5 / 1.5;
    assertThat(test.t()).isCloseTo(t, within(1e-12));
    assertThat(test.p()).isCloseTo(1 - 2 * Math.atan(t) / Math.PI, within(1e-12));
  }

  @Test
  void tooFewPairsAreNoTest() {
    var one = Statistics.PairedTest.of(new double[] {1}, new double[] {2});
    assertThat(one.difference().mean()).isEqualTo(-1);
    assertThat(one.p()).isNaN();
    assertThat(Statistics.PairedTest.of(new double[0], new double[0]).p()).isNaN();
    assertThatThrownBy(() -> Statistics.PairedTest.of(new double[2], new double[3]))
        .hasMessageContaining("2 and 3 values");
  }

  @Test
  void equalSamplesAreNoEvidence() {
    var same = Statistics.PairedTest.of(FIRST, FIRST);
    assertThat(same.t()).isZero();
    assertThat(same.p()).isEqualTo(1);
  }

  @Test
  void holmsCorrection() {
    // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    assertThat(Statistics.holm(new double[] {0.01, 0.04, 0.03, 0.005}))
        .containsExactly(new double[] {0.03, 0.06, 0.06, 0.02}, within(1e-15));
    assertThat(Statistics.holm(new double[] {0.6, Double.NaN, 0.9}))
        .containsExactly(1.0, Double.NaN, 1.0);
    assertThat(Statistics.holm(new double[0])).isEmpty();
  }

  @Test
  void aSample() {
    var sample = Statistics.Sample.of(List.of(2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0));
    assertThat(sample.mean()).isEqualTo(5);
    assertThat(sample.deviation()).isCloseTo(Math.sqrt(32 / 7.0), within(1e-12));
    assertThat(sample.standardError()).isCloseTo(Math.sqrt(32 / 7.0 / 8), within(1e-12));
    assertThat(Statistics.Sample.of(List.of(3.0)).standardError()).isNaN();
    assertThat(Statistics.Sample.of(List.of()).mean()).isNaN();
  }
}
