package io.manifoldmuon.model.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.manifoldmuon.model.format.SafetensorsWriter;
import io.manifoldmuon.model.format.TensorSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code inspect} and {@code demo modular-norm} as a user runs them. */
class InspectCommandTest {
  @TempDir Path temp;

  /** What a command left. */
  private record Outcome(int code, String out, String err) {
    JsonNode json() {
      assertThat(code).as(err).isZero();
      assertThat(out.strip().lines()).hasSize(1);
      try {
        return new ObjectMapper().readTree(out);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static Outcome muon(String... args) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int code =
        Main.run(
            args,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Outcome(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static void refused(Outcome o, String... parts) {
    assertThat(o.code()).as(o.err()).isEqualTo(2);
    assertThat(o.err().lines()).as(o.err()).hasSize(1);
    assertThat(o.err()).startsWith("muon: ").contains(parts).doesNotContain("Exception");
  }

  /**
   * A file of another program: a stack of three matrices, one of them broken, a vector, a scalar.
   */
  private String foreignFile() {
    Path path = temp.resolve("foreign.safetensors");
    float[] stack = {2, 0, 0, 1, 1, Float.NaN, 0, 1, 0, 3, 3, 0};
    SafetensorsWriter.write(
        path,
        Map.of(),
        List.of(
            TensorSource.floats("conv\nweird", new long[] {3, 2, 2}, () -> stack),
            TensorSource.floats("bias", new long[] {2}, () -> new float[] {3, 4}),
            TensorSource.floats("step", new long[] {}, () -> new float[] {7}),
            TensorSource.floats("unused", new long[] {0, 5}, () -> new float[0])));
    return path.toString();
  }

  @Test
  void aFileOfAnotherProgram() {
    JsonNode all = muon("inspect", foreignFile(), "--engine=reference", "--json", "--all").json();
    assertThat(all.get("model").isNull()).isTrue();
    assertThat(all.get("why_no_model").asText()).isNotEmpty();
    assertThat(all.get("tensors").findValuesAsText("name"))
        .containsExactlyInAnyOrder("conv\nweird", "bias", "step", "unused");
    for (JsonNode t : all.get("tensors")) {
      switch (t.get("name").asText()) {
        case "bias" -> {
          assertThat(t.get("kind").asText()).isEqualTo("vector");
          assertThat(t.get("norm").asDouble()).isEqualTo(5);
        }
        case "step" -> assertThat(t.get("norm").asDouble()).isEqualTo(7);
        case "unused" -> assertThat(t.get("kind").asText()).isEqualTo("empty");
        default -> {
          assertThat(t.get("count").asInt()).isEqualTo(3);
          assertThat(t.get("not_finite").asInt()).isEqualTo(1);
          assertThat(t.get("sigma_max").isNull()).isTrue();
          JsonNode first = t.get("matrices").get(0);
          assertThat(first.get("sigma_max").asDouble()).isCloseTo(2, within(1e-14));
          assertThat(first.get("sigma_min").asDouble()).isCloseTo(1, within(1e-14));
          assertThat(first.get("condition").asDouble()).isCloseTo(2, within(1e-14));
          assertThat(first.get("spectral_norm")).isEqualTo(first.get("sigma_max"));
          // ‖W‖² = 5, s² = 2.5: 4/2.5 − 1
          assertThat(first.get("constraint_residual").asDouble()).isCloseTo(0.6, within(1e-14));
          assertThat(t.get("matrices").get(1).get("not_finite").asInt()).isEqualTo(1);
          assertThat(t.get("matrices").get(2).get("condition").asDouble())
              .isCloseTo(1, within(1e-14));
        }
      }
    }
    Outcome table = muon("inspect", foreignFile(), "--engine=reference");
    assertThat(table.code()).as(table.err()).isZero();
    assertThat(table.out())
        .contains("conv?weird", "NOT FINITE", "1 values", "in 1 of 3 matrices", "vector", "scalar")
        .contains("no modular norm");
    assertThat(table.out().lines()).noneMatch(line -> line.startsWith("  ["));
    assertThat(muon("inspect", foreignFile(), "--engine=reference", "--all").out())
        .contains("  [0]", "  [1]", "  [2]");
  }

  /** (1 + 1e-9, 1; 1, 1): in float32 it is singular. */
  @Test
  void float64IsMeasuredInFloat64() {
    Path path = temp.resolve("doubles.safetensors");
    double[] x = {1 + 1e-9, 1, 1, 1};
    SafetensorsWriter.write(
        path,
        Map.of(),
        List.of(
            TensorSource.doubles("w", new long[] {2, 2}, () -> x),
            TensorSource.floats("v", new long[] {2, 2}, () -> new float[] {1, 0, 0, 1})));
    JsonNode tensors = muon("inspect", path.toString(), "--json").json().get("tensors");
    assertThat(tensors.get(0).get("name").asText()).isEqualTo("w");
    // det = 1e-9 = σ₁σ₂, σ₁ = 2 + 5e-10
    double least = tensors.get(0).get("sigma_min").asDouble();
    assertThat(least * 2e9).isCloseTo(1, within(1e-6));
    assertThat(tensors.get(1).get("condition").asDouble()).isCloseTo(1, within(1e-6));
  }

  @Test
  void aTrainedCheckpoint() throws IOException {
    Path text = Files.writeString(temp.resolve("text.txt"), "to be or not to be; ".repeat(80));
    Path run = temp.resolve("run");
    Outcome trained =
        muon(
            "train",
            "--engine=reference",
            "--data=" + text,
            "--out=" + run,
            "--set=optimizer.type=composed_manifold",
            "--set=model.d_model=8",
            "--set=model.n_layers=2",
            "--set=model.n_heads=2",
            "--set=model.n_experts=3",
            "--set=model.d_ff=16",
            "--set=model.context=8",
            "--set=train.batch_size=2",
            "--set=train.steps=3",
            "--set=train.eval_windows=2");
    assertThat(trained.code()).as(trained.err()).isZero();
    JsonNode json = muon("inspect", run.toString(), "--engine=reference", "--json").json();
    int constrained = 0;
    for (JsonNode t : json.get("tensors")) {
      if (t.has("constraint_residual")) {
        constrained++;
        String name = t.get("name").asText();
        boolean rows = name.equals("embed.weight") || name.endsWith("router.weight");
        assertThat(t.get("constraint").asText()).as(name).isEqualTo(rows ? "sphere" : "stiefel");
        assertThat(t.get("constraint_residual").asDouble()).as(name).isLessThan(2e-6);
        if (!rows) {
          assertThat(t.get("condition").asDouble()).as(name).isCloseTo(1, within(2e-6));
        }
      }
    }
    assertThat(constrained).isEqualTo(1 + 2 * (4 + 1 + 2));
    JsonNode model = json.get("model");
    assertThat(model.get("mass").asDouble()).isEqualTo(16);
    assertThat(model.get("modular_norm").asDouble()).isPositive();
    assertThat(model.get("lipschitz_bound").asDouble())
        .isGreaterThan(model.get("lipschitz_bound_weighted").asDouble());
    Outcome table = muon("inspect", run.resolve("final").toString(), "--engine=reference");
    assertThat(table.out()).contains("modular norm", "Lipschitz bound", "layers.1.moe.up.weight");
  }

  @Test
  void whatCannotBeInspectedIsRefused() throws IOException {
    refused(muon("inspect", temp.resolve("none").toString()), "none", "no such file");
    refused(muon("inspect", temp.toString()), "without model.safetensors");
    Path letter =
        Files.writeString(temp.resolve("letter.safetensors"), "Dear reader, this is one.");
    refused(muon("inspect", letter.toString()), "letter.safetensors");
    String file = foreignFile();
    refused(muon("inspect", file, "--radius=0"), "--radius is 0.0", "above 0");
    refused(muon("inspect", file, "--radius=NaN"), "--radius");
    refused(muon("inspect", file, "--engine=gpu"), "engine.name");
    refused(muon("inspect"), "CKPT|FILE");
    byte[] bytes = Files.readAllBytes(Path.of(file));
    Path cut = Files.write(temp.resolve("cut.safetensors"), Arrays.copyOf(bytes, bytes.length - 3));
    refused(muon("inspect", cut.toString()), "cut.safetensors", "truncated");
  }

  @Test
  void theDemoComparesTwoArchitectures() {
    String[] tiny = {
      "demo",
      "modular-norm",
      "--a=model.d_model=8",
      "--a=model.n_heads=2",
      "--a=model.d_ff=16",
      "--a=model.n_layers=1",
      "--a=engine.name=reference",
      "--b=model.d_model=16",
      "--b=model.n_heads=2",
      "--b=model.d_ff=16",
      "--b=model.n_layers=3"
    };
    Outcome table = muon(tiny);
    assertThat(table.code()).as(table.err()).isZero();
    assertThat(table.out()).contains("A: D 8, L 1", "B: D 16, L 3", "mass", "last moe.down");
    String[] withJson = Arrays.copyOf(tiny, tiny.length + 1);
    withJson[tiny.length] = "--json";
    JsonNode json = muon(withJson).json();
    assertThat(json.get("a").get("mass").asDouble()).isEqualTo(9);
    assertThat(json.get("b").get("mass").asDouble()).isEqualTo(23);
    // head: mass 1 of 9 and of 23, √(V/D) each: the ratio is 9/23·√(8/16)
    double a = json.get("a").get("learning_rates").get("head").asDouble();
    double b = json.get("b").get("learning_rates").get("head").asDouble();
    assertThat(b / a).isCloseTo(9.0 / 23 * Math.sqrt(0.5), within(1e-12));
    refused(muon("demo", "modular-norm", "--a=model.d_modl=8"), "model.d_model");
    Outcome help = muon("demo");
    assertThat(help.code()).isZero();
    assertThat(help.out()).contains("modular-norm");
  }
}
