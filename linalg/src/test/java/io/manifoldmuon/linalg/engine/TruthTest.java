package io.manifoldmuon.linalg.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The comparison itself: it must reject what is wrong. */
class TruthTest {

  /** Far below what a wrong formula does, and far above rounding. */
  private static final double WRONG = 1e-4;

  /** Outputs that rounding alone may move so far: small differences of large numbers, mostly. */
  private static final double ILL_CONDITIONED = 0.01;

  @ParameterizedTest
  @MethodSource("io.manifoldmuon.linalg.engine.CaseTable#all")
  void onlyTheTruthIsAccepted(Case c) {
    Truth truth = Truth.of(c);
    truth.assertMatches(c, truth.values(), Tolerances.FLOAT);
    truth
        .values()
        .forEach(
            (label, value) -> {
              String what = c.name() + ", " + label;
              if (value.dtype() == DType.INT) {
                int[] x = value.ints().clone();
                x[x.length - 1]++;
                Tensor wrong = Tensor.of(value.shape(), x);
                assertThat(isRejected(c, label, wrong)).as(what).isTrue();
              } else {
                for (double x : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
                  Tensor wrong = changed(value, value.shape().size() - 1, x);
                  assertThat(isRejected(c, label, wrong)).as(what + ", " + x).isTrue();
                }
              }
            });
  }

  @Test
  void onePartInTenThousandOfTheLargestElementIsRejected() {
    int outputs = 0;
    List<String> unnoticed = new ArrayList<>();
    for (Case c : CaseTable.all()) {
      for (Map.Entry<String, Tensor> e : Truth.of(c).values().entrySet()) {
        if (e.getValue().dtype() == DType.REAL) {
          outputs++;
          int at = largest(e.getValue().doubles());
          double x = e.getValue().doubles()[at];
          double wrong = x == 0 ? WRONG : x * (1 + WRONG);
          if (!isRejected(c, e.getKey(), changed(e.getValue(), at, wrong))) {
            unnoticed.add(c.name() + ", " + e.getKey());
          }
        }
      }
    }
    assertThat(outputs).isGreaterThan(1000);
    assertThat(unnoticed).hasSizeLessThan((int) (ILL_CONDITIONED * outputs));
  }

  private static boolean isRejected(Case c, String label, Tensor wrong) {
    Throwable failure =
        catchThrowable(() -> Truth.of(c).assertMatches(c, Map.of(label, wrong), Tolerances.FLOAT));
    return failure instanceof AssertionError;
  }

  private static Tensor changed(Tensor x, int at, double value) {
    double[] y = x.doubles().clone();
    y[at] = value;
    return Tensor.of(x.shape(), y);
  }

  private static int largest(double[] x) {
    int at = 0;
    for (int i = 0; i < x.length; i++) {
      at = Math.abs(x[i]) > Math.abs(x[at]) ? i : at;
    }
    return at;
  }

  @Test
  void closeRefusesWhatIsNotANumber() {
    assertThat(Tolerances.close(1, 1.1, 0.2)).isTrue();
    assertThat(Tolerances.close(1, 1.1, 0.05)).isFalse();
    assertThat(Tolerances.close(Double.NaN, 1, 100)).isFalse();
    assertThat(Tolerances.close(1, 1, Double.NaN)).isFalse();
    assertThatThrownBy(() -> Tolerances.close(1, Double.NaN, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Tolerances.close(1, Double.POSITIVE_INFINITY, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
