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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command as {@code muon} runs it. */
class OperationsCommandTest {
  private record Ended(int code, String out, String err) {}

  private static Ended muon(String... arguments) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int code =
        Main.run(
            arguments,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Ended(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void theNamesAreListed() {
    Ended all = muon("bench", "ops", "--list");
    assertThat(all.code()).isZero();
    assertThat(all.out().lines()).contains("product/1024", "msign/svd", "train/small");
    assertThat(muon("bench", "ops", "--list", "--only", "^attention/").out().lines())
        .containsExactly("attention/forward", "attention/both");
  }

  @Test
  void aQuickRunPrintsFiguresAndWritesThem(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("figures.json");
    Ended run =
        muon(
            "bench",
            "ops",
            "--quick",
            "--forks",
            "0",
            "--only",
            "router/",
            "--threads",
            "1",
            "--out",
            file.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().lines()).hasSize(4).anyMatch(line -> line.startsWith("router/dispatch"));
    assertThat(run.err()).contains("cpu: float32, 1 thread").contains("JDK ");
    JsonNode document = new ObjectMapper().readTree(Files.readString(file));
    assertThat(document.at("/environment/seed").asInt()).isEqualTo(7);
    assertThat(document.at("/environment/commit").asText()).isNotEmpty();
    JsonNode product = document.at("/results/0");
    assertThat(product.at("/workload").asText()).isEqualTo("ceiling/product-2048");
    double seconds = product.at("/seconds").asDouble();
    assertThat(product.at("/gflops").asDouble() * seconds)
        .isCloseTo(2 * 2.048 * 2.048 * 2.048, within(1e-9));
    assertThat(seconds)
        .isBetween(product.at("/seconds_min").asDouble(), product.at("/seconds_max").asDouble());
    assertThat(document.at("/results")).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--only | ( | 2 | wanted a regular expression",
        "--only | nothing-like-it | 2 | no workload has a match",
        "--forks | -1 | 2 | wanted numbers of at least 0",
        "--engine | cup | 3 | cup",
      })
  void badRequestsAreRefused(String option, String value, int code, String message) {
    Ended run = muon("bench", "ops", option, value);
    assertThat(run.code()).as(run.err()).isEqualTo(code);
    assertThat(run.err()).contains(message).doesNotContain("\tat ");
    assertThat(run.out()).isEmpty();
  }
}
