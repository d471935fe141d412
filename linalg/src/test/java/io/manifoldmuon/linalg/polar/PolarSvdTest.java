package io.manifoldmuon.linalg.polar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Percentage.withPercentage;

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
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The polar factor and the norms that the singular value decomposition gives. */
class PolarSvdTest {
  private static final PolarSvd SVD = PolarSvd.standard();

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

  private static double[] gaussian(Shape shape, long seed) {
    double[] x = new double[shape.size()];
    Arrays.setAll(x, i -> CounterRandom.gaussian(seed, 0, i));
    return x;
  }

  private static double[] msign(String engine, Shape shape, double[] x) {
    return run(engine, shape, x, (g, v) -> Msign.record(g, v, SVD));
  }

  private static void assertNear(double[] got, double[] want, double tolerance) {
    assertThat(got).hasSameSizeAs(want);
    for (int i = 0; i < want.length; i++) {
      assertThat(got[i]).as("element " + i).isBetween(want[i] - tolerance, want[i] + tolerance);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "reference,1,1,1e-12",
    "reference,13,5,1e-12",
    "reference,5,13,1e-12",
    "reference,17,17,1e-10",
    "cpu,1,1,1e-6",
    "cpu,13,5,2e-6",
    "cpu,5,13,2e-6",
    "cpu,64,31,2e-6"
  })
  void isTheLimitOfTheIterations(String engine, int m, int n, double tolerance) {
    Shape shape = Shape.of(2, m, n);
    double[] x = gaussian(shape, 5);
    double[] want =
        run("reference", shape, x, (g, v) -> Msign.record(g, v, PolarIteration.polarExpress(30)));
    assertNear(msign(engine, shape, x), want, tolerance);
  }

  /** msign(diag(3, −2, 0)) = diag(1, −1, 0): the zero stays zero. */
  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu"})
  void zeroSingularValuesStayZero(String engine) {
    assertNear(
        msign(engine, Shape.of(3, 3), new double[] {3, 0, 0, 0, -2, 0, 0, 0, 0}),
        new double[] {1, 0, 0, 0, -1, 0, 0, 0, 0},
        1e-6);
    assertThat(msign(engine, Shape.of(2, 5, 3), new double[30])).containsOnly(0);
  }

  /** The polar factor of s·abᵀ is abᵀ/(‖a‖‖b‖), whatever s, without the noise beside it. */
  @ParameterizedTest
  @CsvSource({"reference,1e-9", "reference,1", "reference,1e9", "cpu,1e-9", "cpu,1", "cpu,1e9"})
  void rankOneStaysRankOne(String engine, double scale) {
    int m = 31;
    int n = 17;
    double[] a = gaussian(Shape.of(m), 3);
    double[] b = gaussian(Shape.of(n), 4);
    double length = Math.sqrt(sum(squares(a)) * sum(squares(b)));
    double[] x = new double[m * n];
    Arrays.setAll(x, i -> scale * a[i / n] * b[i % n]);
    double[] want = Arrays.stream(x).map(v -> v / (scale * length)).toArray();
    assertNear(msign(engine, Shape.of(m, n), x), want, 2e-6);
  }

  private static double[] squares(double[] x) {
    return Arrays.stream(x).map(v -> v * v).toArray();
  }

  private static double sum(double[] x) {
    return Arrays.stream(x).sum();
  }

  @Test
  void theThresholdDecidesWhatIsZero() {
    double[] x = {1, 0, 0, 1e-3};
    Shape shape = Shape.of(2, 2);
    assertNear(
        run("reference", shape, x, (g, v) -> Msign.record(g, v, new PolarSvd(0.99e-3))),
        new double[] {1, 0, 0, 1},
        1e-12);
    assertNear(
        run("reference", shape, x, (g, v) -> Msign.record(g, v, new PolarSvd(1.01e-3))),
        new double[] {1, 0, 0, 0},
        1e-12);
  }

  /** Of a stack of diagonal matrices: the norms are read off the diagonals. */
  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu"})
  void normsOfDiagonalMatrices(String engine) {
    double[][] diagonals = {{3, -4}, {0, 0.5}, {0, 0}};
    double[] x = new double[18];
    for (int s = 0; s < 3; s++) {
      x[s * 6] = diagonals[s][0];
      x[s * 6 + 4] = diagonals[s][1];
    }
    Shape shape = Shape.of(3, 2, 3);
    assertNear(
        run(engine, shape, x, (g, v) -> SingularValues.of(g, v).spectralNorm(g)),
        new double[] {4, 0.5, 0},
        2e-6);
    assertNear(
        run(engine, shape, x, (g, v) -> SingularValues.of(g, v).nuclearNorm(g)),
        new double[] {7, 0.5, 0},
        2e-6);
    assertNear(
        run(engine, shape, x, (g, v) -> SingularValues.of(g, v).least(g)),
        new double[] {3, 0, 0},
        2e-6);
  }

  /** (1, 1; 1, 1 + 2⁻²³): σ₁σ₂ = 2⁻²³, σ₁² + σ₂² = 4 + 2⁻²² + 2⁻⁴⁶. */
  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu"})
  void smallSingularValuesAreRightToTheirOwnSize(String engine) {
    double e = 0x1p-23;
    double sum = Math.sqrt(4 + 2 * e + e * e + 2 * e); // σ₁ + σ₂
    double least = e / (sum / 2 + Math.sqrt(sum * sum / 4 - e));
    double got =
        run(
            engine,
            Shape.of(2, 2),
            new double[] {1, 1, 1, 1 + e},
            (g, v) -> SingularValues.of(g, v).least(g))[0];
    assertThat(got / least).isBetween(1 - 1e-6, 1 + 1e-6);
  }

  @Test
  void oneSingularValueIsTheLargestAndTheSmallest() {
    Shape shape = Shape.of(4, 1);
    double[] x = {1, 2, 2, 4};
    for (int i = 0; i < 2; i++) {
      boolean least = i == 0;
      double[] got =
          run(
              "reference",
              shape,
              x,
              (g, v) -> {
                SingularValues s = SingularValues.of(g, v);
                return least ? s.least(g) : s.spectralNorm(g);
              });
      assertNear(got, new double[] {5}, 1e-14);
    }
  }

  /** ‖X‖_* = ⟨msign(X), X⟩, and σ² are the eigenvalues whose sum is ‖X‖_F². */
  @Test
  void theNuclearNormIsDualToTheSpectralNorm() {
    Shape shape = Shape.of(3, 13, 7);
    double[] x = gaussian(shape, 8);
    double[] nuclear = run("reference", shape, x, (g, v) -> SingularValues.of(g, v).nuclearNorm(g));
    double[] dual = run("reference", shape, x, (g, v) -> g.dot(Msign.record(g, v, SVD), v, 1));
    assertNear(nuclear, dual, 1e-11);
    double[] sigma = run("reference", shape, x, (g, v) -> SingularValues.of(g, v).sigma());
    assertThat(sum(squares(sigma))).isCloseTo(sum(squares(x)), withPercentage(1e-11));
  }

  /** Members of one stack are decomposed side by side and give what each gives alone. */
  @Test
  void aStackIsItsMembersOneByOne() {
    Shape stack = Shape.of(24, 33, 17);
    double[] x = gaussian(stack, 12);
    double[] all = run("cpu", stack, x, (g, v) -> g.svd(v).U());
    int size = 33 * 17;
    IntStream.range(0, 24)
        .forEach(
            s ->
                assertThat(
                        run(
                            "cpu",
                            Shape.of(33, 17),
                            Arrays.copyOfRange(x, s * size, (s + 1) * size),
                            (g, v) -> g.svd(v).U()))
                    .as("member " + s)
                    .isEqualTo(Arrays.copyOfRange(all, s * size, (s + 1) * size)));
  }

  @Test
  void replaysAllocateNothing() {
    Shape shape = Shape.of(2, 5, 3);
    GraphBuilder g = new GraphBuilder();
    g.output("sigma", g.svd(g.input("x", Type.real(shape))).sigma());
    try (Engine engine = Engines.open("cpu", EngineOptions.defaults(), _ -> {});
        Program program = engine.compile(g.build())) {
      program.write("x", Tensor.of(shape, gaussian(shape, 1)));
      for (int i = 0; i < 20_000; i++) { // until the JVM has compiled the call
        program.run();
      }
      var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = threads.getTotalThreadAllocatedBytes();
      for (int i = 0; i < 1_000; i++) {
        program.run();
      }
      // a call that allocated one object only would come to 16,000
      assertThat(threads.getTotalThreadAllocatedBytes() - before).isLessThan(8_000);
    }
  }

  @Test
  void methodsHaveNames() {
    assertThat(PolarMethod.names())
        .containsExactlyInAnyOrder(
            "svd", "cubic", "taylor-quintic", "muon-quintic", "polar-express");
    for (String name : PolarMethod.names()) {
      assertThat(PolarMethod.of(name, 3).name()).isEqualTo(name);
    }
    assertThat(PolarMethod.of("cubic", 3)).isEqualTo(PolarIteration.cubic(3));
    assertThatThrownBy(() -> PolarMethod.of("SVD", 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'SVD'")
        .hasMessageContaining("polar-express");
    for (double bad : new double[] {-0.1, 1, Double.NaN}) {
      assertThatThrownBy(() -> new PolarSvd(bad)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(List.of(SVD.flops(10, 3), SVD.flops(3, 10))).containsOnly(9 * (140 + 24) + 360.0);
  }
}
