package io.manifoldmuon.model.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.model.format.SafetensorsFile;
import io.manifoldmuon.model.format.SafetensorsWriter;
import io.manifoldmuon.model.format.StoredType;
import io.manifoldmuon.model.format.TensorSource;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InspectorTest {
  @TempDir Path temp;

  private static TensorFacts facts(
      String engineName, OptionalDouble radius, double[] x, long... shape) {
    try (Engine engine = Engines.open(engineName, EngineOptions.defaults(), _ -> {});
        Inspector inspector = new Inspector(engine, radius)) {
      return inspector.inspect(
          "w", shape, (from, count) -> Arrays.copyOfRange(x, (int) from, (int) from + count));
    }
  }

  private static TensorFacts facts(double[] x, long... shape) {
    return facts("reference", OptionalDouble.empty(), x, shape);
  }

  /** diag(3, −4) beside a column of zeros, and zero. */
  @ParameterizedTest
  @CsvSource({"reference,1e-14", "cpu,1e-6"})
  void diagonalMatricesByHand(String engine, double tolerance) {
    double[] x = {3, 0, 0, 0, -4, 0, 0, 0, 0, 0, 0, 0};
    TensorFacts t = facts(engine, OptionalDouble.empty(), x, 2, 2, 3);
    assertThat(t.kind()).isEqualTo(TensorFacts.Kind.MATRICES);
    assertThat(t.norm()).isEqualTo(5);
    assertThat(t.maxAbs()).isEqualTo(4);
    MatrixFacts m = t.matrices().getFirst();
    assertThat(m.sigmaMax()).isCloseTo(4, within(4 * tolerance));
    assertThat(m.sigmaMin()).isCloseTo(3, within(4 * tolerance));
    assertThat(m.condition()).isCloseTo(4.0 / 3, within(4 * tolerance));
    assertThat(m.nuclear()).isCloseTo(7, within(7 * tolerance));
    assertThat(m.frobenius()).isEqualTo(5);
    assertThat(m.radius()).isCloseTo(5 / Math.sqrt(2), within(1e-14));
    assertThat(m.stiefel()).isCloseTo(16 / 12.5 - 1, within(4 * tolerance));
    assertThat(m.sphere()).isEqualTo(3);
    assertThat(m.longestRow()).isEqualTo(4);
    MatrixFacts zero = t.matrices().get(1);
    assertThat(zero.sigmaMax()).isZero();
    assertThat(zero.condition()).isNaN();
    assertThat(zero.stiefel()).isEqualTo(1);
    assertThat(zero.sphere()).isEqualTo(1);
    assertThat(t.largest(MatrixFacts::sigmaMax)).isEqualTo(m.sigmaMax());
    assertThat(t.smallest(MatrixFacts::sigmaMin)).isZero();
  }

  /** s·Q with Q orthogonal is on the manifold of radius s, and off those of others. */
  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu"})
  void multiplesOfOrthogonalMatrices(String engine) {
    double[] x = reflection(7, 2.5, 3); // 2.5·(I − 2vvᵀ)
    double tolerance = engine.equals("cpu") ? 1e-6 : 1e-14;
    MatrixFacts own = facts(engine, OptionalDouble.empty(), x, 7, 7).matrices().getFirst();
    assertThat(own.radius()).isCloseTo(2.5, within(1e-14));
    assertThat(own.stiefel()).isLessThan(tolerance);
    assertThat(own.condition()).isCloseTo(1, within(tolerance));
    MatrixFacts two = facts(engine, OptionalDouble.of(2), x, 7, 7).matrices().getFirst();
    assertThat(two.radius()).isEqualTo(2);
    assertThat(two.stiefel()).isCloseTo(1.25 * 1.25 - 1, within(tolerance));
    // the first five rows: wide
    double[] wide = Arrays.copyOf(x, 35);
    MatrixFacts rows = facts(engine, OptionalDouble.empty(), wide, 5, 7).matrices().getFirst();
    assertThat(rows.stiefel()).isLessThan(tolerance);
    assertThat(rows.sphere()).isCloseTo(1.5, within(1e-14));
  }

  private static double[] reflection(int n, double scale, long seed) {
    double[] v = new double[n];
    Arrays.setAll(v, i -> CounterRandom.gaussian(seed, 0, i));
    double squares = Arrays.stream(v).map(a -> a * a).sum();
    double[] x = new double[n * n];
    Arrays.setAll(x, i -> scale * ((i / n == i % n ? 1 : 0) - 2 * v[i / n] * v[i % n] / squares));
    return x;
  }

  /** Neither 1e±200 in float64 nor 1e±37 in float32 leaves its range when it is squared. */
  @ParameterizedTest
  @CsvSource({
    "reference,1e200",
    "reference,1e-200",
    "cpu,1e200",
    "cpu,1e-200",
    "cpu,1e37",
    "cpu,1e-37"
  })
  void extremeScales(String engine, double scale) {
    double[] x = {3 * scale, 0, 0, 4 * scale};
    MatrixFacts m = facts(engine, OptionalDouble.empty(), x, 2, 2).matrices().getFirst();
    assertThat(m.sigmaMax() / scale).isCloseTo(4, within(1e-6));
    assertThat(m.sigmaMin() / scale).isCloseTo(3, within(1e-6));
    assertThat(m.frobenius() / scale).isCloseTo(5, within(1e-14));
    assertThat(m.stiefel()).isCloseTo(0.28, within(1e-6));
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void whatIsNotFiniteIsSaidAndTheOthersAreMeasured(double bad) {
    double[] x = {1, 0, 0, 1, 1, bad, bad, 1, 2, 0, 0, 2};
    for (String engine : List.of("reference", "cpu")) {
      TensorFacts t = facts(engine, OptionalDouble.empty(), x, 3, 2, 2);
      assertThat(t.notFinite()).isEqualTo(2);
      assertThat(t.norm()).isNaN();
      assertThat(t.matrices().get(0).sigmaMax()).isCloseTo(1, within(1e-6));
      assertThat(t.matrices().get(2).sigmaMax()).isCloseTo(2, within(1e-6));
      MatrixFacts m = t.matrices().get(1);
      assertThat(m.notFinite()).isEqualTo(2);
      for (double measure : new double[] {m.sigmaMax(), m.sigmaMin(), m.stiefel(), m.sphere()}) {
        assertThat(measure).isNaN();
      }
      assertThat(t.largest(MatrixFacts::sigmaMax)).isNaN();
    }
  }

  /** More than one piece: the third matrix of 2,000,000 elements is read by itself. */
  @Test
  void stacksAreReadInPieces() {
    int n = 2_000_000;
    double[] x = new double[3 * n];
    x[0] = 3;
    x[n + 1] = 4;
    x[3 * n - 1] = 5;
    TensorFacts t = facts("cpu", OptionalDouble.empty(), x, 3, 1, n);
    assertThat(t.matrices()).extracting(MatrixFacts::frobenius).containsExactly(3.0, 4.0, 5.0);
    assertThat(t.largest(MatrixFacts::sigmaMax)).isCloseTo(5, within(1e-5));
    assertThat(t.norm()).isCloseTo(Math.sqrt(50), within(1e-14));
    TensorFacts vector = facts(x, 3L * n);
    assertThat(vector.kind()).isEqualTo(TensorFacts.Kind.VECTOR);
    assertThat(vector.norm()).isCloseTo(Math.sqrt(50), within(1e-14));
  }

  @Test
  void vectorsScalarsAndWhatIsTooLarge() {
    TensorFacts vector = facts(new double[] {3, -4}, 2);
    assertThat(vector.kind()).isEqualTo(TensorFacts.Kind.VECTOR);
    assertThat(vector.norm()).isEqualTo(5);
    assertThat(vector.maxAbs()).isEqualTo(4);
    assertThat(vector.first()).containsExactly(3.0, -4.0);
    assertThat(vector.matrices()).isEmpty();
    TensorFacts scalar = facts(new double[] {-7});
    assertThat(scalar.kind()).isEqualTo(TensorFacts.Kind.SCALAR);
    assertThat(scalar.norm()).isEqualTo(7);
    TensorFacts empty = facts(new double[0], 3, 0, 2);
    assertThat(empty.kind()).isEqualTo(TensorFacts.Kind.EMPTY);
    assertThat(empty.norm()).isZero();
    try (Engine engine = Engines.open("reference", EngineOptions.defaults(), _ -> {});
        Inspector inspector = new Inspector(engine, OptionalDouble.empty())) {
      TensorFacts large =
          inspector.inspect("w", new long[] {1 << 14, (1 << 12) + 1}, (_, n) -> new double[n]);
      assertThat(large.kind()).isEqualTo(TensorFacts.Kind.TOO_LARGE);
      assertThat(large.matrices()).isEmpty();
      assertThat(large.norm()).isZero();
    }
  }

  /** The same matrix in every floating type, and types that are not measured. */
  @Test
  void everyTypeOfAFile() {
    float[] values = {1.5f, 0, 0, -0.75f};
    ByteBuffer half = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer brain = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer doubles = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    for (float v : values) {
      half.putShort(Float.floatToFloat16(v));
      brain.putShort((short) (Float.floatToRawIntBits(v) >>> 16));
      doubles.putDouble(v);
    }
    long[] square = {2, 2};
    Path path = temp.resolve("types.safetensors");
    SafetensorsWriter.write(
        path,
        Map.of(),
        List.of(
            TensorSource.floats("f32", square, () -> values),
            bytes("f16", StoredType.F16, half.array(), square),
            bytes("bf16", StoredType.BF16, brain.array(), square),
            bytes("f64", StoredType.F64, doubles.array(), square),
            bytes("i32", StoredType.I32, new byte[16], square),
            bytes("f8", StoredType.F8_E4M3, new byte[4], square),
            bytes("none", StoredType.F16, new byte[0], 0, 2),
            bytes("no integers", StoredType.I64, new byte[0], 0)));
    try (SafetensorsFile file = SafetensorsFile.open(path);
        Engine engine = Engines.open("reference", EngineOptions.defaults(), _ -> {});
        Inspector inspector = new Inspector(engine, OptionalDouble.empty())) {
      for (String name : List.of("f32", "f16", "bf16", "f64")) {
        MatrixFacts m = inspector.inspect(file, name).matrices().getFirst();
        assertThat(m.sigmaMax()).as(name).isCloseTo(1.5, within(1e-14));
        assertThat(m.sigmaMin()).as(name).isCloseTo(0.75, within(1e-14));
      }
      for (String name : List.of("i32", "f8")) {
        TensorFacts t = inspector.inspect(file, name);
        assertThat(t.kind()).as(name).isEqualTo(TensorFacts.Kind.OTHER_TYPE);
        assertThat(t.norm()).as(name).isNaN();
      }
      for (String name : List.of("none", "no integers")) {
        assertThat(inspector.inspect(file, name).kind()).isEqualTo(TensorFacts.Kind.EMPTY);
      }
    }
  }

  private static TensorSource bytes(String name, StoredType type, byte[] data, long... shape) {
    return new TensorSource(name, type, shape, () -> MemorySegment.ofArray(data));
  }
}
