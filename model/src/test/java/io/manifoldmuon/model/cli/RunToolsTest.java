package io.manifoldmuon.model.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.manifoldmuon.model.format.SafetensorsFile;
import io.manifoldmuon.model.format.StoredType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can be done with a run: report, inspect, export, sample. One small run serves all. */
class RunToolsTest {
  @TempDir static Path temp;

  private static Path run;
  private static Path text;

  /** What a command left. */
  private record Outcome(int code, String out, String err) {}

  private static Outcome muon(Object... args) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int code =
        Main.run(
            Stream.of(args).map(Object::toString).toArray(String[]::new),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Outcome(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static Outcome done(Object... args) {
    Outcome o = muon(args);
    assertThat(o.code()).as(o.out() + o.err()).isZero();
    return o;
  }

  private static void refused(Outcome o, String... parts) {
    assertThat(o.code()).as(o.out() + o.err()).isEqualTo(2);
    assertThat(o.err().lines()).as(o.err()).hasSize(1);
    assertThat(o.err()).startsWith("muon: ").contains(parts).doesNotContain("Exception");
  }

  @BeforeAll
  static void train() throws IOException {
    text = temp.resolve("text.txt");
    Files.writeString(text, "to be or not to be, that is the question; ".repeat(60));
    run = temp.resolve("my run");
    done(
        "train",
        "--data=" + text,
        "--out=" + run,
        "--tensorboard",
        "--engine=cpu",
        "--set=model.d_model=16",
        "--set=model.n_layers=2",
        "--set=model.n_heads=2",
        "--set=model.n_experts=3",
        "--set=model.d_ff=16",
        "--set=model.context=16",
        "--set=train.batch_size=2",
        "--set=train.steps=6",
        "--set=train.eval_every=3",
        "--set=train.eval_windows=2");
  }

  @Test
  void trainingLeavesEverything() throws IOException {
    assertThat(run).isDirectoryContaining("glob:**/report.html");
    assertThat(run).isDirectoryContaining("glob:**/metrics.csv");
    assertThat(run.resolve("plots")).isDirectoryContaining("glob:**/loss.svg");
    assertThat(run.resolve("tensorboard")).isDirectoryContaining("glob:**/events.out.tfevents.*");
    assertThat(Files.readString(run.resolve("report.html")))
        .contains("Run completed", "After step 3", "After step 6", "./muon train --data=");
  }

  @Test
  void aReportCanBeMadeAgain() throws IOException {
    Path page = run.resolve("report.html");
    String first = Files.readString(page);
    Files.delete(page);
    assertThat(done("report", run).out()).contains("report " + page);
    assertThat(Files.readString(page)).isEqualTo(first);
    Path elsewhere = temp.resolve("one.html");
    done("report", run, "--out=" + elsewhere);
    assertThat(Files.readString(elsewhere)).isEqualTo(first);
  }

  @Test
  void reportsOfSeveralRunsTablesAndEvents() throws IOException {
    Path both = temp.resolve("both.html");
    done("report", run, run, "--out", both, "--tensorboard");
    assertThat(Files.readString(both)).contains("2 runs", run.toString());
    Path csv = temp.resolve("table.csv");
    done("report", run, "--csv", csv);
    assertThat(Files.readString(csv)).startsWith("step,").contains("expert_load.1.2");
    try (Stream<Path> events = Files.list(run.resolve("tensorboard"))) {
      assertThat(events).hasSize(1); // TensorBoard shows the points of all
    }
    refused(muon("report", run, run, "--csv", csv), "--csv", "2 runs");
    refused(muon("report", run, "--png=7"), "--png", "100 to 10000 pixels");
    refused(muon("report", temp.resolve("none")), "no such folder");
    refused(muon("report", temp), "metrics.jsonl");
  }

  @Test
  void thePromptIsNotPrintedBeforeItIsChecked() {
    Outcome o =
        muon("sample", "--checkpoint=" + run, "--prompt=hello", "--set=data.tokenizer=gpt2");
    refused(o, "the prompt has token");
    assertThat(o.out()).isEmpty();
  }

  @Test
  void inspectTellsOfTheRun() throws IOException {
    assertThat(done("inspect", run).out())
        .contains("6 steps, 192 tokens in", "run completed", "validation loss", "at step")
        .contains("constraint residual", "layers.0.attn.q.weight");
    JsonNode json = new ObjectMapper().readTree(done("inspect", run, "--json").out());
    assertThat(json.get("run").get("step").asInt()).isEqualTo(6);
    assertThat(json.get("run").get("best_val_loss").asDouble())
        .isLessThanOrEqualTo(json.get("run").get("val_loss").asDouble());
    assertThat(json.get("tensors")).isNotEmpty();
  }

  @Test
  void inspectTellsOfARunWithoutCheckpoints() throws IOException {
    Path young = Files.createDirectory(temp.resolve("young"));
    Files.copy(run.resolve("metrics.jsonl"), young.resolve("metrics.jsonl"));
    assertThat(done("inspect", young).out()).contains("6 steps", "no checkpoint in it yet");
    // and takes the newest where there is no final one
    Files.createDirectories(young.resolve("checkpoint-9"));
    for (String name : List.of("checkpoint-9", "checkpoint-10")) {
      Files.createDirectories(young.resolve(name));
      Files.copy(
          run.resolve("final/model.safetensors"), young.resolve(name + "/model.safetensors"));
    }
    assertThat(done("inspect", young).out()).contains("checkpoint-10");
  }

  @ParameterizedTest
  @CsvSource({"float32,F32,0", "bfloat16,BF16,8", "float16,F16,11"})
  void exportsAreReadBack(String name, StoredType dtype, int bits) throws IOException {
    Path out = temp.resolve("export-" + name);
    done("export", run, "--out", out, "--dtype", name);
    try (SafetensorsFile from = SafetensorsFile.open(run.resolve("final/model.safetensors"));
        SafetensorsFile to = SafetensorsFile.open(out.resolve("model.safetensors"))) {
      assertThat(to.names()).containsExactlyInAnyOrderElementsOf(from.names());
      assertThat(to.metadata())
          .containsEntry("step", "6")
          .containsEntry("tokenizer", "bytes")
          .containsKeys("validation_loss", "config");
      for (String tensor : from.names()) {
        assertThat(to.info(tensor).dtype()).isEqualTo(dtype);
        float[] want = from.readFloats(tensor);
        float[] got = to.readFloats(tensor);
        for (int i = 0; i < want.length; i++) {
          // half a unit of the last place; float16 below 2⁻¹⁴ has a fixed one of 2⁻²⁴
          double error =
              bits == 0 ? 0 : Math.abs(want[i]) * Math.pow(2, -bits) + (bits == 11 ? 3e-8 : 0);
          assertThat(Math.abs((double) got[i] - want[i]) <= error).as(tensor + " " + i).isTrue();
        }
      }
    }
    String card = Files.readString(out.resolve("README.md"));
    assertThat(card)
        .contains("| steps | 6 |", "validation loss", "Every value is finite", "SHA-256");
    assertThat(card).contains("stored as | " + dtype).doesNotContain("NaN");
    done("eval", "--checkpoint", out, "--data", text);
    refused(muon("export", run, "--out", out), "it is there already");
  }

  @Test
  void unknownTypesAreRefused() {
    refused(muon("export", run, "--out", temp.resolve("x"), "--dtype=int8"), "--dtype", "bfloat16");
    assertThat(temp.resolve("x")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"0,1", "0.9,1", "1.5,2"})
  void samplesAreTheSameWithoutTheCache(String temperature, String seed) {
    Object[] args = {
      "sample",
      "--checkpoint",
      run,
      "--prompt=to be",
      "--tokens=60",
      "--temperature=" + temperature,
      "--seed=" + seed,
      "--no-cache"
    };
    Outcome plain = done(args);
    args[args.length - 1] = "--top-k=40"; // the default
    Outcome cached = done(args);
    assertThat(cached.out()).isEqualTo(plain.out()).startsWith("to be");
    assertThat(cached.err()).containsPattern("60 tokens, the first after .* tokens/s");
  }
}
