package io.manifoldmuon.model.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.model.format.SafetensorsFile;
import io.manifoldmuon.model.format.SafetensorsWriter;
import io.manifoldmuon.model.format.StoredType;
import io.manifoldmuon.model.format.TensorSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One optimizer step through files. */
class OptimizeStepTest {
  private static final long[] STACK = {2, 9, 4};
  private static final int SIZE = 72;
  private static final double LR = 0.05;

  @TempDir Path temp;

  private Path in;
  private Path out;

  /** What a command left. */
  private record Outcome(int code, String out, String err) {
    JsonNode json() throws IOException {
      assertThat(code).as(err).isZero();
      return new ObjectMapper().readTree(out);
    }
  }

  @BeforeEach
  void names() {
    in = temp.resolve("in.safetensors");
    out = temp.resolve("out.safetensors");
  }

  private static Outcome muon(List<String> args) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int code =
        Main.run(
            args.toArray(String[]::new),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Outcome(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private Outcome step(String optimizer, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of("optimize-step", "--optimizer", optimizer, "--in=" + in, "--out=" + out));
    args.addAll(List.of(more));
    return muon(args);
  }

  private static double[] gaussian(int seed) {
    double[] x = new double[SIZE];
    Arrays.setAll(x, i -> CounterRandom.gaussian(seed, 0, i));
    return x;
  }

  private static TensorSource doubles(String name, long[] shape, double... values) {
    return TensorSource.doubles(name, shape, () -> values);
  }

  private void write(TensorSource... tensors) {
    SafetensorsWriter.write(in, Map.of(), List.of(tensors));
  }

  private static Map<String, double[]> read(Path file) {
    Map<String, double[]> all = new LinkedHashMap<>();
    try (SafetensorsFile f = SafetensorsFile.open(file)) {
      f.names().forEach(name -> all.put(name, f.readDoubles(name)));
    }
    return all;
  }

  /** Σ a·b of the matrices [9, 4] of a stack. */
  private static double dot(double[] a, double[] b, int matrix) {
    double sum = 0;
    for (int i = 36 * matrix; i < 36 * (matrix + 1); i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** Column i of a times column j of b, in a matrix of a stack. */
  private static double columns(double[] a, int i, double[] b, int j, int matrix) {
    double sum = 0;
    for (int row = 0; row < 9; row++) {
      sum += a[36 * matrix + 4 * row + i] * b[36 * matrix + 4 * row + j];
    }
    return sum;
  }

  @Test
  void stiefelWritesACertifiedTangentUpdate() throws IOException {
    double[] G = gaussian(2);
    write(doubles("W", STACK, gaussian(1)), doubles("G", STACK, G));
    JsonNode report = step("stiefel", "--project", "--set=lr=" + LR, "--json").json();
    Map<String, double[]> x = read(out);
    assertThat(x.keySet()).containsExactlyInAnyOrder("W", "A", "stiefel.b.W", "steps");
    assertThat(x.get("steps")).containsExactly(1);
    assertThat(report.get("engine").asText()).isEqualTo("reference");
    assertThat(report.get("solver").asText()).isEqualTo("irls");
    assertThat(report.get("iterations").asDouble()).isEqualTo(50);
    assertThat(report.get("gap").asDouble()).isBetween(0.0, 1e-2);
    assertThat(report.get("constraint_before").asDouble()).isBetween(0.0, 1e-14);
    assertThat(report.get("constraint_after").asDouble()).isBetween(0.0, 1e-14);
    assertThat(report.get("tangency").asDouble()).isBetween(0.0, 1e-14);
    for (int s = 0; s < 2; s++) {
      JsonNode one = report.get("matrices").get(s);
      // in a first step D is G, whatever the momentum
      assertThat(dot(G, x.get("A"), s)).isCloseTo(one.get("primal").asDouble(), within(1e-12));
      assertThat(one.get("dual").asDouble()).isLessThan(one.get("primal").asDouble()).isNegative();
      assertThat(one.get("primal").asDouble()).isNegative();
      for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
          double inner = columns(x.get("W"), i, x.get("W"), j, s);
          assertThat(inner).isCloseTo(i == j ? 1 : 0, within(1e-14));
        }
        // no column of A can be longer than the spectral norm
        assertThat(Math.sqrt(columns(x.get("A"), i, x.get("A"), i, s))).isBetween(0.0, LR);
      }
    }
  }

  /** WᵀA + AᵀW = 0 at the W that was read, and W + A is what went back to the manifold. */
  @Test
  void theUpdateIsTheOneBeforeTheRetraction() {
    write(doubles("W", STACK, gaussian(1)), doubles("G", STACK, gaussian(2)));
    String quick = "--set=iterations=3";
    assertThat(step("stiefel", "--project", quick).code()).isZero();
    double[] W = read(out).get("W");
    write(doubles("W", STACK, W), doubles("G", STACK, gaussian(3)));
    assertThat(step("stiefel", quick, "--set=lr=" + LR).code()).isZero();
    double[] A = read(out).get("A");
    double[] moved = new double[SIZE];
    Arrays.setAll(moved, i -> W[i] + A[i]);
    for (int s = 0; s < 2; s++) {
      for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
          double h = columns(W, i, A, j, s) + columns(A, i, W, j, s);
          assertThat(h).isCloseTo(0, within(1e-15));
        }
      }
    }
    Map<String, double[]> next = read(out);
    write(doubles("W", STACK, moved), doubles("G", STACK, gaussian(3)));
    assertThat(step("stiefel", "--project", quick, "--set=lr=1e-12").code()).isZero();
    for (int i = 0; i < SIZE; i++) { // the nearest point to W + A, up to a step of 1e-12
      assertThat(read(out).get("W")[i]).isCloseTo(next.get("W")[i], within(1e-11));
    }
  }

  static Stream<String> optimizers() {
    return Stream.of("stiefel", "hypersphere", "muon", "normuon", "simple_muon", "adamw");
  }

  /** What a step writes, with a new gradient, is all that the next one needs. */
  @ParameterizedTest
  @MethodSource("optimizers")
  void stateGoesThroughFiles(String optimizer) throws IOException {
    boolean free = !optimizer.equals("stiefel") && !optimizer.equals("hypersphere");
    write(doubles("W", STACK, gaussian(1)), doubles("G", STACK, gaussian(2)));
    String quick = optimizer.equals("stiefel") ? "--set=iterations=3" : "--json";
    assertThat(step(optimizer, quick, free ? "--json" : "--project").code()).isZero();
    Map<String, double[]> first = read(out);
    try (SafetensorsFile f = SafetensorsFile.open(out)) {
      List<TensorSource> next = new ArrayList<>();
      f.names().forEach(n -> next.add(doubles(n, f.info(n).shape(), first.get(n))));
      next.add(doubles("G", STACK, gaussian(3)));
      write(next.toArray(TensorSource[]::new));
    }
    Outcome second = step(optimizer, quick, "--json");
    assertThat(second.code()).as(second.err()).isZero();
    assertThat(second.err()).doesNotContain("no use");
    Map<String, double[]> with = read(out);
    assertThat(with.get("steps")).containsExactly(2);

    write(doubles("W", STACK, first.get("W")), doubles("G", STACK, gaussian(3)));
    step(optimizer, quick, "--json");
    assertThat(read(out).get("W")).as("without the state").isNotEqualTo(with.get("W"));
    if (free) {
      for (int i = 0; i < SIZE; i++) {
        assertThat(first.get("W")[i] + with.get("A")[i]).isCloseTo(with.get("W")[i], within(1e-15));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"project", "geodesic"})
  void hypersphereWritesTangentVectorsOfLengthLr(String update) {
    write(doubles("W", STACK, gaussian(1)), doubles("G", STACK, gaussian(2)));
    assertThat(step("hypersphere", "--project", "--set=lr=0.01").code()).isZero();
    double[] w = read(out).get("W");
    write(doubles("W", STACK, w), doubles("G", STACK, gaussian(2)));
    assertThat(step("hypersphere", "--set=lr=0.1", "--set=update=" + update).code()).isZero();
    double[] a = read(out).get("A");
    for (int row = 0; row < 18; row++) {
      double inner = 0;
      double square = 0;
      for (int i = 4 * row; i < 4 * row + 4; i++) {
        inner += w[i] * a[i];
        square += a[i] * a[i];
      }
      assertThat(inner).isCloseTo(0, within(1e-15));
      assertThat(Math.sqrt(square)).isCloseTo(0.1, within(1e-14));
    }
  }

  @Test
  void float32StaysFloat32OnTheDefaultEngine() throws IOException {
    float[] w = new float[SIZE];
    float[] d = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      w[i] = (float) gaussian(1)[i];
      d[i] = (float) gaussian(2)[i];
    }
    write(TensorSource.floats("W", STACK, () -> w), TensorSource.floats("G", STACK, () -> d));
    JsonNode report = step("stiefel", "--project", "--set=lr=" + LR, "--json").json();
    assertThat(report.get("engine").asText()).isNotEqualTo("reference");
    assertThat(report.get("constraint_after").asDouble()).isBetween(0.0, 2e-6);
    assertThat(report.get("tangency").asDouble()).isBetween(0.0, 1e-5);
    assertThat(report.get("gap").asDouble()).isBetween(-1e-5, 1e-2);
    try (SafetensorsFile f = SafetensorsFile.open(out)) {
      f.names().forEach(n -> assertThat(f.info(n).dtype()).as(n).isEqualTo(StoredType.F32));
    }
  }

  @Test
  void aStepThatIsNotFiniteIsNotWritten() {
    float[] w = new float[SIZE];
    float[] g = new float[SIZE];
    Arrays.fill(g, 1);
    write(TensorSource.floats("W", STACK, () -> w), TensorSource.floats("G", STACK, () -> g));
    Outcome o = step("adamw", "--set=lr=1e39", "--engine=cpu"); // leaves float32
    assertThat(o.code()).as(o.out()).isEqualTo(4);
    assertThat(o.err()).contains("a 'W' that is not finite", "--engine reference");
    assertThat(out).doesNotExist();
  }

  /** Norms beyond 1e19 have no square in float32. */
  @Test
  void aGradientWhoseNormOverflowsIsRefused() {
    float[] w = new float[SIZE];
    float[] g = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      w[i] = (float) gaussian(1)[i];
      g[i] = (float) (1e25 * gaussian(2)[i]);
    }
    write(TensorSource.floats("W", STACK, () -> w), TensorSource.floats("G", STACK, () -> g));
    Outcome o = step("stiefel", "--project", "--set=lr=0.1", "--engine=cpu");
    assertThat(o.code()).as(o.out()).isEqualTo(4);
    assertThat(o.err()).contains("the gradient of 'W'", "not finite on engine cpu");
    assertThat(out).doesNotExist();
  }

  @Test
  void theReportIsReadable() {
    write(doubles("W", STACK, gaussian(1)), doubles("G", STACK, gaussian(2)));
    Outcome outcome = step("stiefel", "--project", "--set=iterations=3");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .contains("stiefel on engine reference", "off the manifold", "iterations", "gap", "dual");
    assertThat(outcome.out().lines().filter(l -> l.strip().startsWith("1 "))).hasSize(1);
  }

  @Test
  void tensorsWithoutAUseAreNamed() {
    write(
        doubles("W", STACK, gaussian(1)),
        doubles("G", STACK, gaussian(2)),
        doubles("muon.b.V", STACK, gaussian(3)));
    Outcome outcome = step("muon", "--json");
    assertThat(outcome.code()).isZero();
    assertThat(outcome.err()).contains("'muon.b.V' has no use", "did you mean muon.b.W?");
  }

  /** What must be refused, with what the sentence names. */
  record Refusal(String name, TensorSource[] tensors, List<String> args, List<String> says) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Refusal> refusals() {
    TensorSource[] good = {doubles("W", STACK, gaussian(1)), doubles("G", STACK, gaussian(2))};
    double[] nan = gaussian(2);
    nan[5] = Double.NaN;
    return Stream.of(
        new Refusal(
            "off the manifold",
            good,
            List.of("stiefel"),
            List.of("off the manifold of stiefel by", "--project")),
        new Refusal(
            "no nearest point",
            new TensorSource[] {doubles("W", STACK, new double[SIZE]), good[1]},
            List.of("stiefel", "--project"),
            List.of("full rank")),
        new Refusal(
            "nothing to project on", good, List.of("adamw", "--project"), List.of("leave out")),
        new Refusal(
            "mistyped optimizer",
            good,
            List.of("stifel"),
            List.of("--optimizer", "stifel", "did you mean stiefel?")),
        new Refusal(
            "mistyped key",
            good,
            List.of("stiefel", "--set=iteration=3"),
            List.of("iteration", "lr", "did you mean iterations?")),
        new Refusal(
            "key of another optimizer",
            good,
            List.of("muon", "--set=radius=2"),
            List.of("radius", "weight_decay")),
        new Refusal(
            "value out of range",
            good,
            List.of("stiefel", "--set=lr=3"),
            List.of("3", "--set lr", "must be")),
        new Refusal("no value", good, List.of("stiefel", "--set=lr"), List.of("key=value", "lr")),
        new Refusal(
            "NaN",
            new TensorSource[] {good[0], doubles("G", STACK, nan)},
            List.of("muon"),
            List.of("element 5", "'G'", "NaN")),
        new Refusal(
            "other shapes",
            new TensorSource[] {good[0], doubles("G", new long[] {2, 4, 9}, gaussian(2))},
            List.of("muon"),
            List.of("[2, 9, 4]", "[2, 4, 9]")),
        new Refusal(
            "a vector",
            new TensorSource[] {
              doubles("W", new long[] {SIZE}, gaussian(1)), doubles("G", new long[] {SIZE}, nan)
            },
            List.of("muon"),
            List.of("wanted")),
        new Refusal(
            "no gradient", new TensorSource[] {good[0]}, List.of("muon"), List.of("no tensor 'G'")),
        new Refusal(
            "state of another shape",
            new TensorSource[] {good[0], good[1], doubles("muon.b.W", new long[] {1}, 0)},
            List.of("muon"),
            List.of("'muon.b.W'", "[1]", "[2, 9, 4]")));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void whatDoesNotFitIsRefused(Refusal refusal) throws IOException {
    write(refusal.tensors);
    Files.writeString(out, "as it was");
    List<String> args = refusal.args;
    Outcome outcome = step(args.getFirst(), args.subList(1, args.size()).toArray(String[]::new));
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err().lines()).hasSize(1);
    assertThat(outcome.err()).startsWith("muon: ").contains(refusal.says);
    assertThat(Files.readString(out)).isEqualTo("as it was");
  }
}
