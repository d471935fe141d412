package io.manifoldmuon.linalg.polar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import java.util.Arrays;
import java.util.function.BiFunction;
import java.util.function.DoubleUnaryOperator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MsignTest {
  private static final PolarIteration EXACT = PolarIteration.polarExpress(20);

  private static double[] gaussian(Shape shape, long seed) {
    double[] x = new double[shape.size()];
    Arrays.setAll(x, i -> CounterRandom.gaussian(seed, 0, i));
    return x;
  }

  private static double[] run(
      String engineName, Shape shape, double[] x, BiFunction<GraphBuilder, Value, Value> recipe) {
    GraphBuilder g = new GraphBuilder();
    g.output("y", recipe.apply(g, g.input("x", Type.real(shape))));
    try (Engine engine = Engines.open(engineName, EngineOptions.defaults(), _ -> {});
        Program program = engine.compile(g.build())) {
      program.write("x", Tensor.of(shape, x));
      program.run();
      return program.read("y").doubles();
    }
  }

  /** UVᵀ by the singular value decomposition. */
  private static double[] polarFactor(double[] x, int m, int n) {
    return withSingularValues(x, m, n, _ -> 1);
  }

  /** U·diag(f(σ))·Vᵀ. */
  private static double[] withSingularValues(double[] x, int m, int n, DoubleUnaryOperator f) {
    var svd = DecompositionFactory_DDRM.svd(m, n, true, true, true);
    assertThat(svd.decompose(new DMatrixRMaj(m, n, true, x.clone()))).isTrue();
    DMatrixRMaj U = svd.getU(null, false);
    double[] sigma = Arrays.stream(svd.getSingularValues()).map(f).toArray();
    CommonOps_DDRM.multCols(U, sigma);
    DMatrixRMaj y = new DMatrixRMaj(m, n);
    CommonOps_DDRM.mult(U, svd.getV(null, true), y);
    return y.data;
  }

  /** In falling order. */
  private static double[] singularValues(double[] x, int m, int n) {
    var svd = DecompositionFactory_DDRM.svd(m, n, false, false, true);
    assertThat(svd.decompose(new DMatrixRMaj(m, n, true, x.clone()))).isTrue();
    double[] sigma = svd.getSingularValues();
    Arrays.sort(sigma);
    for (int i = 0; i < sigma.length / 2; i++) {
      double small = sigma[i];
      sigma[i] = sigma[sigma.length - 1 - i];
      sigma[sigma.length - 1 - i] = small;
    }
    return sigma;
  }

  /** A matrix with σ from 1 down to {@code least}, geometrically, scaled by {@code scale}. */
  private static double[] conditioned(int m, int n, double least, double scale, long seed) {
    double[] u = polarFactor(gaussian(Shape.of(m, n), seed), m, n);
    double[] v = polarFactor(gaussian(Shape.of(n, n), seed + 1), n, n);
    DMatrixRMaj U = new DMatrixRMaj(m, n, true, u);
    for (int j = 0; j < n; j++) {
      double sigma = scale * Math.pow(least, j / (n - 1.0));
      for (int i = 0; i < m; i++) {
        U.set(i, j, U.get(i, j) * sigma);
      }
    }
    DMatrixRMaj y = new DMatrixRMaj(m, n);
    CommonOps_DDRM.mult(U, new DMatrixRMaj(n, n, true, v), y);
    return y.data;
  }

  private static double distance(double[] a, double[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      double d = Math.abs(a[i] - b[i]);
      most = d <= most ? most : d; // NaN wins
    }
    return most;
  }

  @ParameterizedTest
  @CsvSource({"1,1", "7,1", "1,5", "13,5", "5,13", "31,30", "16,64", "17,17"})
  void equalsTheSingularVectors(int m, int n) {
    Shape shape = Shape.of(m, n);
    double[] x = gaussian(shape, 5);
    double[] want = polarFactor(x, m, n);
    assertThat(distance(run("reference", shape, x, (g, v) -> Msign.record(g, v, EXACT)), want))
        .isLessThan(1e-12);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "7,1", "1,5", "13,5", "5,13", "31,30", "16,64", "17,17"})
  void theGramFormShortensSmallSingularValues(int m, int n) {
    Shape shape = Shape.of(m, n);
    double[] x = gaussian(shape, 5);
    double norm = EXACT.divisor() * Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
    double[] want =
        withSingularValues(
            x, m, n, sigma -> sigma / Math.sqrt(sigma * sigma + Msign.GRAM_SHIFT * norm * norm));
    assertThat(
            distance(run("reference", shape, x, (g, v) -> Msign.recordOnGram(g, v, EXACT)), want))
        .isLessThan(1e-9);
  }

  /** Far below what a Gram matrix in float32 can hold, nothing grows beyond 1. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-2, 1e-4, 1e-8, 1e-30})
  void theGramFormStaysInTheBall(double least) {
    int n = 96;
    double[] x = conditioned(n, n, least, 1, 31);
    PolarIteration it = PolarIteration.polarExpress(10);
    double[] y = run("cpu", Shape.of(n, n), x, (g, v) -> Msign.recordOnGram(g, v, it));
    assertThat(singularValues(y, n, n)[0]).isBetween(0.999, 1.003);
    double nuclear = 0;
    for (int i = 0; i < y.length; i++) {
      nuclear += x[i] * y[i];
    }
    assertThat(nuclear / Arrays.stream(singularValues(x, n, n)).sum()).isBetween(0.99, 1.0001);
  }

  @Test
  void membersOfAStackAreIndependent() {
    Shape stack = Shape.of(2, 3, 7, 4);
    double[] x = gaussian(stack, 9);
    double[] all = run("reference", stack, x, (g, v) -> Msign.record(g, v, EXACT));
    for (int s = 0; s < 6; s++) {
      double[] member = Arrays.copyOfRange(x, s * 28, s * 28 + 28);
      double[] got = Arrays.copyOfRange(all, s * 28, s * 28 + 28);
      assertThat(distance(got, polarFactor(member, 7, 4))).as("member " + s).isLessThan(1e-12);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-9, 1e-6, 1e6, 1e12})
  void scaleDoesNotMatter(double scale) {
    Shape shape = Shape.of(12, 8);
    double[] x = gaussian(shape, 3);
    double[] scaled = Arrays.stream(x).map(v -> v * scale).toArray();
    PolarIteration muon = PolarIteration.muonQuintic(5);
    double[] a = run("reference", shape, x, (g, v) -> Msign.record(g, v, muon));
    double[] b = run("reference", shape, scaled, (g, v) -> Msign.record(g, v, muon));
    assertThat(distance(a, b)).isLessThan(1e-12);
  }

  @Test
  void zeroStaysZeroAndNaNStaysVisible() {
    Shape shape = Shape.of(2, 5, 3);
    double[] x = new double[30];
    x[17] = Double.NaN;
    for (String engine : new String[] {"reference", "cpu"}) {
      double[] y = run(engine, shape, x, (g, v) -> Msign.record(g, v, EXACT));
      assertThat(Arrays.copyOf(y, 15)).containsOnly(0);
      assertThat(Arrays.copyOfRange(y, 15, 30)).containsOnly(Double.NaN);
    }
  }

  /** The singular values end where the polynomials take them. */
  @ParameterizedTest
  @ValueSource(strings = {"cubic", "taylor-quintic", "muon-quintic", "polar-express"})
  void singularValuesFollowThePolynomials(String name) {
    PolarIteration it = PolarIteration.of(name, 4);
    int n = 6;
    double[] x = conditioned(9, n, 0.01, 1, 21);
    double norm = Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
    double[] y = run("reference", Shape.of(9, n), x, (g, v) -> Msign.record(g, v, it));
    double[] got = singularValues(y, 9, n);
    double[] want = new double[n];
    Arrays.setAll(want, j -> it.singularValue(Math.pow(0.01, j / (n - 1.0)) / norm));
    Arrays.sort(got);
    Arrays.sort(want);
    assertThat(distance(got, want)).isLessThan(1e-12);
  }

  @ParameterizedTest
  @CsvSource({"128,64", "64,128", "96,96"})
  void eightStepsOfPolarExpressInFloat32(int m, int n) {
    int k = Math.min(m, n);
    double[] tall = conditioned(Math.max(m, n), k, 0.1, 3, 8); // σ_min/‖G‖_F ≥ 1e-2
    double[] x = tall;
    if (m < n) {
      x = new double[m * n];
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          x[i * n + j] = tall[j * m + i];
        }
      }
    }
    PolarIteration it = PolarIteration.polarExpress(8);
    double residual =
        run(
            "cpu",
            Shape.of(m, n),
            x,
            (g, v) -> {
              Value gram = ShortSide.of(g, v.shape()).gram(Msign.record(g, v, it));
              return g.maxAbs(g.weightedSum(1, gram, 0, gram, -1), 0);
            })[0];
    assertThat(residual).isLessThan(2e-6);
  }

  @Test
  void retractionStepsConvergeQuadratically() {
    Shape shape = Shape.of(20, 12);
    double[] w = polarFactor(gaussian(shape, 4), 20, 12);
    double[] noise = gaussian(shape, 6);
    double[] x = new double[w.length];
    Arrays.setAll(x, i -> w[i] + 0.005 * noise[i]);
    double[] want = polarFactor(x, 20, 12);
    double before = distance(x, want);
    for (int steps = 1; steps <= 3; steps++) {
      int count = steps;
      double[] y = run("reference", shape, x, (g, v) -> Msign.retraction(g, v, count));
      double after = distance(y, want);
      assertThat(after).as(steps + " steps").isLessThan(Math.max(1e-14, 20 * before * before));
      before = after;
    }
    assertThat(before).isLessThan(1e-9);
  }

  @ParameterizedTest
  @CsvSource({"32,32", "64,96", "128,512", "96,64"})
  void bfloat16IsWrongByItsRoundingOnly(int m, int n) {
    Shape shape = Shape.of(m, n);
    double[] x = gaussian(shape, 9);
    PolarIteration iteration = PolarIteration.polarExpress(8);
    double[] exact = run("reference", shape, x, (g, v) -> Msign.record(g, v, iteration));
    BiFunction<GraphBuilder, Value, Value> rounding =
        (g, v) -> Msign.record(g, v, iteration.in(Precision.BFLOAT16));
    double[] y = run("reference", shape, x, rounding);
    assertThat(relative(y, exact)).isBetween(1e-3, 0.03);
    double[] sigma = singularValues(y, m, n);
    assertThat(sigma[0]).isBetween(1.0, 1.01);
    assertThat(sigma[sigma.length - 1]).isBetween(0.99, 1.0);
    // what rounds up in float64 may round down in float32
    assertThat(relative(run("cpu", shape, x, rounding), y)).isLessThan(0.015);
  }

  /** ‖a − b‖_F/‖b‖_F. */
  private static double relative(double[] a, double[] b) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < a.length; i++) {
      difference += (a[i] - b[i]) * (a[i] - b[i]);
      norm += b[i] * b[i];
    }
    return Math.sqrt(difference / norm);
  }

  @Test
  void squaredSingularValuesAreNotRounded() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(3, 5));
    assertThatThrownBy(() -> Msign.recordOnGram(g, x, EXACT.in(Precision.BFLOAT16)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("BFLOAT16 given, wanted FLOAT32");
  }
}
