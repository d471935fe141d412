package io.manifoldmuon.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.manifoldmuon.model.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command as {@code muon} runs it, and its table. */
class ScalingCommandTest {
  private record Ended(int code, String out, String err) {}

  private static Ended scaling(String... arguments) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    String[] all = new String[arguments.length + 2];
    all[0] = "bench";
    all[1] = "scaling";
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    int code =
        Main.run(
            all,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Ended(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void theNamesAreListed() {
    assertThat(scaling("--list").out().lines())
        .containsExactly(
            "layers",
            "experts",
            "windows",
            "width",
            "context",
            "threads-tiny",
            "threads-small",
            "matrix-muon",
            "matrix-stiefel");
    assertThat(scaling("--list", "--only", "^thr").out().lines()).hasSize(2);
  }

  /** The operations of the tables are exact, whatever the times are. */
  @Test
  void aQuickRunPrintsLawsAndWritesThem(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("figures.json");
    Ended run =
        scaling("--quick", "--only", "experts|matrix-muon", "--threads", "1", "--out", "" + file);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("experts: training step", "matrix-muon: step", "operations x^");
    assertThat(run.err()).contains("cpu: float32, 1 thread").contains("JDK ");

    JsonNode document = new ObjectMapper().readTree(Files.readString(file));
    JsonNode experts = document.at("/results/0");
    assertThat(experts.at("/points")).hasSize(4);
    for (JsonNode point : experts.at("/points")) {
      double whole = point.at("/seconds").asDouble();
      double passes = point.at("/forward_backward_seconds").asDouble();
      assertThat(whole).isPositive().isGreaterThan(passes);
      assertThat(passes).isPositive();
      assertThat(point.at("/optimizer_seconds").asDouble()).isPositive();
    }
    JsonNode muon = document.at("/results/1");
    assertThat(muon.at("/operations_exponent").asDouble()).isCloseTo(3, within(1e-9));
    assertThat(muon.at("/step_exponent").asDouble()).isFinite();
    assertThat(muon.at("/step_exponent_error").asDouble()).isFinite();
    assertThat(muon.has("/optimizer_exponent")).isFalse();
  }

  @Test
  void theTableHasLawsAndLocalExponents() {
    var sweep = new Sweep("layers", "training step", List.of());
    var times =
        new SweepTimes(sweep, List.of(row(1, 0.010), row(2, 0.014), row(4, 0.022), row(8, 0.038)));
    List<String> lines = SweepTable.lines(times);
    assertThat(lines).hasSize(7);
    assertThat(lines.get(0)).isEqualTo("layers: training step");
    assertThat(lines.get(2)).contains("10.00").contains("9.00 - 11.00");
    // ln(14/10)/ln 2, ln(22/14)/ln 2, ln(38/22)/ln 2
    assertThat(lines.subList(3, 6))
        .map(l -> l.substring(l.lastIndexOf(' ') + 1))
        .containsExactly("0.49", "0.65", "0.79");
    // Σ(u − ū)(v − v̄) / Σ(u − ū)² for these four, by hand 0.643, and its error 0.048
    assertThat(lines.get(6))
        .contains("step 9.48 ms x^0.64 ± 0.05", "optimizer 2.84 ms x^0.64", "operations x^1.00");
  }

  @Test
  void threadsHaveSpeedUps() {
    var sweep = new Sweep(Sweeps.THREADS + "-tiny", "training step", List.of());
    var lines = SweepTable.lines(new SweepTimes(sweep, List.of(row(1, 0.03), row(2, 0.02))));
    assertThat(lines).hasSize(4).noneMatch(line -> line.contains("x^"));
    assertThat(lines.get(1)).endsWith("speed-up");
    assertThat(lines.get(2)).endsWith("1.00");
    assertThat(lines.get(3)).endsWith("1.50");
  }

  private static SweepTimes.Row row(double size, double seconds) {
    return new SweepTimes.Row(
        size, 3, seconds, 0.9 * seconds, 1.1 * seconds, 0.6 * seconds, 0.3 * seconds, 1e9 * size);
  }

  @Test
  void sizesAscend() {
    for (Sweep sweep : Sweeps.all(false)) {
      double[] sizes = sweep.points().stream().mapToDouble(Sweep.Point::size).toArray();
      assertThat(sizes).as(sweep.name()).isSorted().doesNotHaveDuplicates().isNotEmpty();
      assertThat(Arrays.stream(sizes).min().orElseThrow()).isPositive();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--only | ( | 2 | wanted a regular expression",
        "--only | nothing-like-it | 2 | no size has a match",
        "--threads | -1 | 2 | wanted a number of at least 0",
        "--engine | cup | 3 | cup",
      })
  void badRequestsAreRefused(String option, String value, int code, String message) {
    Ended run = scaling(option, value);
    assertThat(run.code()).as(run.err()).isEqualTo(code);
    assertThat(run.err()).contains(message).doesNotContain("\tat ");
    assertThat(run.out()).isEmpty();
  }
}
