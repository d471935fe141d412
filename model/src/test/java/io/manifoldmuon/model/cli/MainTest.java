package io.manifoldmuon.model.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs commands as a user does, and looks at exit codes, output and files. */
class MainTest {
  private static final String[] TINY = {
    "--engine=reference",
    "--set=model.d_model=8",
    "--set=model.n_layers=1",
    "--set=model.n_heads=2",
    "--set=model.n_experts=3",
    "--set=model.d_ff=8",
    "--set=model.context=8",
    "--set=train.batch_size=2",
    "--set=train.steps=4",
    "--set=train.eval_windows=2",
    "--set=data.max_bytes=4000"
  };

  @TempDir Path temp;

  private Path text;

  /** What a command left. */
  private record Outcome(int code, String out, String err) {}

  @BeforeEach
  void writeText() throws IOException {
    text = temp.resolve("text.txt");
    Files.writeString(text, "to be or not to be, that is the question; ".repeat(40));
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

  private static String[] words(String command, String... more) {
    List<String> words = new ArrayList<>(List.of(command));
    words.addAll(List.of(TINY));
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  private Outcome train(String... more) {
    return muon(words("train", more));
  }

  private Path trained() {
    Path run = temp.resolve("run");
    Outcome o = train("--data", text.toString(), "--out", run.toString());
    assertThat(o.code()).as(o.err()).isZero();
    return run;
  }

  private static JsonNode json(Outcome o) {
    assertThat(o.code()).as(o.err()).isZero();
    assertThat(o.out().strip().lines()).hasSize(1);
    try {
      return new ObjectMapper().readTree(o.out());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> keys(JsonNode node) {
    List<String> keys = new ArrayList<>();
    node.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  /** One sentence on the error stream, exit code 2, and no stack trace. */
  private static void refused(Outcome o, String... parts) {
    assertThat(o.code()).as(o.err()).isEqualTo(2);
    List<String> messages = o.err().lines().filter(l -> !l.startsWith("engine auto")).toList();
    assertThat(messages).as(o.err()).hasSize(1);
    assertThat(messages.getFirst()).startsWith("muon: ").contains(parts);
    assertThat(o.err()).doesNotContain("\tat ").doesNotContain("Exception");
  }

  // ---- what works ---------------------------------------------------------------------------

  @Test
  void trainEvaluateSampleAndGradients() throws IOException {
    Path run = trained();
    for (String name : List.of("config.yaml", "metrics.jsonl", "final", "report.html", "log.txt")) {
      assertThat(run.resolve(name)).exists();
    }

    JsonNode eval =
        json(muon("eval", "--checkpoint", run.toString(), "--data", text.toString(), "--json"));
    assertThat(keys(eval)).containsExactly("loss", "perplexity", "tokens");
    long tokens = (Files.size(text) - 1) / 8 * 8;
    assertThat(eval.get("tokens").asLong()).isEqualTo(tokens);
    assertThat(eval.get("perplexity").asDouble()).isEqualTo(Math.exp(eval.get("loss").asDouble()));

    String[] sample = {"sample", "--checkpoint", run.toString(), "--tokens=12", "--json"};
    JsonNode first = json(muon(sample));
    assertThat(json(muon(sample)).get("text")).isEqualTo(first.get("text"));
    assertThat(first.get("tokens").asInt()).isEqualTo(12);

    Path out = temp.resolve("g.safetensors");
    JsonNode gradients =
        json(
            muon(
                "gradients",
                "--checkpoint=" + run.resolve("final"),
                "--data=" + text,
                "--windows=3",
                "--out=" + out,
                "--json"));
    assertThat(gradients.get("tokens").asInt()).isEqualTo(24);
    assertThat(out).isNotEmptyFile();
  }

  @Test
  void aRehearsalLeavesNothing() throws IOException {
    Outcome o = train("--data", text.toString(), "--fast-dev-run", "--json");
    assertThat(o.code()).as(o.err()).isZero();
    assertThat(o.err()).contains("3 steps, validation, checkpoint and resumption work");
    assertThat(json(o).get("step").asInt()).isEqualTo(3);
    try (Stream<Path> left = Files.list(temp)) {
      assertThat(left).containsExactly(text);
    }
  }

  @Test
  void aRunOfOneStepIsRehearsedWithEnoughForAResumption() {
    Outcome o = train("--data", text.toString(), "--fast-dev-run", "--set=train.steps=1");
    assertThat(o.code()).as(o.err()).isZero();
    assertThat(o.out()).contains("3 steps, validation, checkpoint and resumption work");
  }

  @Test
  void aRunIsResumedAndACompleteOneIsLeftAlone() {
    Path run = temp.resolve("run");
    Outcome first =
        train("--data", text.toString(), "--out", run.toString(), "--set=train.max_tokens=20");
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.out()).contains("token limit reached: 2 steps");
    Outcome over = muon("resume", run.toString());
    assertThat(over.code()).isZero();
    assertThat(over.out()).contains("nothing to do", "--set train.max_tokens=");
    Outcome second = muon("resume", run.toString(), "--set=train.max_tokens=0");
    assertThat(second.code()).as(second.err()).isZero();
    assertThat(second.out()).contains("going on from", "after 2 steps", "done: 4 steps");
    refused(muon("resume", run.toString(), "--set=train.seed=9"), "train.seed", "resumed");
    refused(muon("resume", temp.toString()), "no run to resume");
    refused(train("--out", run.toString(), "--data", text.toString()), "holds a run");
  }

  @Test
  void aLearningRateIsFoundAndDrawn() {
    Path curve = temp.resolve("lr.svg");
    Outcome o = muon(words("lr-find", "--data=" + text, "--steps=12", "--out=" + curve, "--json"));
    assertThat(json(o).get("points").size()).isBetween(10, 12);
    assertThat(curve).content().startsWith("<svg");
    refused(muon(words("lr-find", "--data=" + text, "--to=0.001")), "--to", "above 0.01");
    Outcome early = muon(words("lr-find", "--data=" + text, "--out=" + temp.resolve("no/lr.svg")));
    refused(early, "lr.svg", "folder");
    assertThat(early.out()).isEmpty();
  }

  @Test
  void evaluationReadsAllOfTheText() {
    // data.max_bytes of the run is 4000, the text is shorter than that only by chance of this test
    Path run = trained();
    JsonNode eval =
        json(
            muon(
                "eval",
                "--checkpoint=" + run,
                "--data=" + text,
                "--tokens=19",
                "--engine=reference",
                "--json"));
    assertThat(eval.get("tokens").asInt()).isEqualTo(16);
  }

  @Test
  void evaluationReadsAsManyBytesAsItIsTold() {
    Path run = trained();
    String[] eval = {
      "eval", "--checkpoint=" + run, "--data=" + text, "--engine=reference", "--json"
    };
    String[] some = Arrays.copyOf(eval, eval.length + 1);
    some[eval.length] = "--set=data.max_bytes=33";
    assertThat(json(muon(eval)).get("tokens").asInt()).isEqualTo(1672); // of 1680 bytes
    assertThat(json(muon(some)).get("tokens").asInt()).isEqualTo(32);
    some[eval.length] = "--set=data.tokenizer=gpt2";
    refused(muon(some), "data.tokenizer gpt2", "50257", "256");
    some[eval.length] = "--set=data.max_bytes=5";
    assertThat(muon(some).err())
        .contains("the text of", "5 tokens", "give more text")
        .doesNotContain("training", "val_fraction");
  }

  @Test
  void trainWithJsonPrintsOneLine() {
    JsonNode result = json(train("--data=" + text, "--out=" + temp.resolve("r"), "--json"));
    assertThat(result.get("step").asInt()).isEqualTo(4);
    assertThat(result.get("tokens").asInt()).isEqualTo(64);
    assertThat(result.get("val_loss").isNumber()).isTrue();
  }

  @Test
  void aDryRunWritesNothing() {
    Path run = temp.resolve("r");
    Outcome o = train("--data=" + text, "--out=" + run, "--dry-run");
    assertThat(o.code()).as(o.err()).isZero();
    assertThat(o.out()).contains("layers.0.moe.up.weight", "[3, 8, 8]", "memory", "time a step");
    assertThat(run).doesNotExist();
    refused(train("--data=" + text, "--dry-run", "--set=train.init_from=/none"), "no such folder");
    refused(train("--data=" + text, "--dry-run", "--set=train.overfit_windows=1000"), "windows");
  }

  @Test
  void gradcheckComparesWithTheReference() {
    Outcome o = muon(words("gradcheck", "--set=model.context=4"));
    assertThat(o.code()).as(o.out() + o.err()).isZero();
    assertThat(o.out()).contains("embed.weight", "agree");
  }

  @Test
  void benchPrintsItsResultAsJson() {
    JsonNode result = json(muon(words("bench", "--steps=2", "--warmup=1", "--json", "--batch=2")));
    assertThat(result.get("preset").asText()).isEqualTo("tiny");
    assertThat(result.get("tokens_per_s").asDouble()).isPositive();
    assertThat(result.get("steps").asInt()).isEqualTo(2);
  }

  @Test
  void benchCountsAStepThatFitsNowhere() {
    JsonNode count = json(muon("bench", "--preset=large", "--batch=4", "--count", "--json"));
    assertThat(count.get("tokens").asInt()).isEqualTo(4096);
    assertThat(count.get("parameters").asLong()).isGreaterThan(1_600_000_000L);
    assertThat(count.get("active_parameters").asLong()).isLessThan(260_000_000L);
    double forward = count.get("forward_gflop").asDouble();
    assertThat(forward).isPositive().isLessThan(count.get("backward_gflop").asDouble());
    assertThat(count.get("update_mib").asDouble()).isZero();
    assertThat(muon("bench", "--count").out()).contains("optimizer_gflop");
  }

  @Test
  void devicesListsEngines() {
    JsonNode list = json(muon("devices", "--json"));
    assertThat(list.get("engines").findValuesAsText("name")).contains("reference");
    assertThat(muon("devices").out()).contains("reference");
  }

  @Test
  void prepareWritesShardsThatTrainingReads() {
    Path folder = temp.resolve("shards");
    Outcome o = muon("prepare", "--data=" + text, "--out=" + folder);
    assertThat(o.code()).as(o.err()).isZero();
    Outcome run = train("--data=" + folder, "--out=" + temp.resolve("r"));
    assertThat(run.code()).as(run.err()).isZero();
  }

  @Test
  void helpExplainsEveryCommand() {
    assertThat(muon("--help").code()).isZero();
    for (String command :
        List.of(
            "train",
            "eval",
            "gradients",
            "sample",
            "prepare",
            "gradcheck",
            "devices",
            "bench",
            "test")) {
      Outcome o = muon(command, "--help");
      assertThat(o.code()).isZero();
      assertThat(o.out()).contains("Usage: muon " + command);
      assertThat(muon().out()).contains(command);
    }
  }

  // ---- what is refused ----------------------------------------------------------------------

  @Test
  void badUsage() {
    refused(muon("trian"), "train");
    refused(muon("train", "--sett=1"), "--set");
    refused(muon("eval"), "--checkpoint");
    refused(muon("bench", "--steps=x"), "--steps");
    refused(muon("test"), "./muon test");
  }

  @Test
  void badConfiguration() throws IOException {
    refused(train("--set=train.stepz=3"), "train.stepz", "steps");
    refused(train("--set=train.steps=many"), "train.steps");
    refused(train("--set=train.steps"), "key=value");
    refused(train("--set=model.d_model=9"), "model.d_model", "multiple of model.n_heads");
    refused(train("--set=model.top_k=4"), "model.top_k");
    refused(train("--set=model.preset=tinny"), "tiny");
    refused(train("--engine=gpu"), "engine.name");
    refused(train("--config=" + temp.resolve("none.yaml")), "none.yaml");
    Path yaml = temp.resolve("c.yaml");
    Files.writeString(yaml, "train: {steps: [1, 2]}");
    refused(train("--config=" + yaml), "train.steps");
    Files.writeString(yaml, "train: {steps: 1\n");
    refused(train("--config=" + yaml), "YAML");
  }

  @Test
  void badText() throws IOException {
    Path out = temp.resolve("run");
    refused(train("--data=" + temp.resolve("none.txt"), "--out=" + out), "none.txt");
    Path empty = Files.createFile(temp.resolve("empty.txt"));
    refused(train("--data=" + empty, "--out=" + out), "empty");
    Path brief = Files.writeString(temp.resolve("short.txt"), "short");
    refused(train("--data=" + brief, "--out=" + out), "window");
    assertThat(out).doesNotExist();

    Path run = trained();
    refused(muon("eval", "--checkpoint=" + run, "--data=" + brief), "window");
    refused(muon("eval", "--checkpoint=" + run, "--data=" + empty), "empty");
    refused(muon("eval", "--checkpoint=" + run, "--data=" + text, "--tokens=7"), "window");
    refused(muon("eval", "--checkpoint=" + run, "--data=" + text, "--tokens=0"), "--tokens");
    refused(
        muon(
            "gradients",
            "--checkpoint=" + run,
            "--data=" + text,
            "--windows=1000000",
            "--out=" + temp.resolve("g")),
        "windows");
    assertThat(temp.resolve("g")).doesNotExist();
  }

  @Test
  void badCheckpoints() throws IOException {
    refused(
        muon("eval", "--checkpoint=" + temp.resolve("none"), "--data=" + text), "no such folder");
    Path run = trained();
    Path model = run.resolve("final/model.safetensors");
    byte[] good = Files.readAllBytes(model);
    String[] eval = {"eval", "--checkpoint=" + run, "--data=" + text};

    Files.write(model, java.util.Arrays.copyOf(good, good.length - 5)); // truncated
    refused(muon(eval), "model.safetensors");
    Files.write(model, new byte[0]);
    refused(muon(eval), "model.safetensors");
    byte[] lying = good.clone();
    ByteBuffer.wrap(lying).order(ByteOrder.LITTLE_ENDIAN).putLong(0, Long.MAX_VALUE);
    Files.write(model, lying);
    refused(muon(eval), "model.safetensors");
    Files.writeString(model, "not a checkpoint at all, but text");
    refused(muon(eval), "model.safetensors");
    Files.write(model, good);
    refused(muon("eval", "--checkpoint=" + run, "--data=" + text, "--set=model.d_ff=16"), "shape");
    refused(train("--set=train.init_from=" + temp.resolve("none")), "no such folder");
  }

  @Test
  void badOutput() throws IOException {
    Path run = trained();
    byte[] before = Files.readAllBytes(run.resolve("metrics.jsonl"));
    refused(train("--data=" + text, "--out=" + run), "not empty");
    assertThat(Files.readAllBytes(run.resolve("metrics.jsonl"))).isEqualTo(before);
    refused(train("--data=" + text, "--out=" + text), "file");
    refused(train("--data=" + text, "--out=" + text.resolve("below")), "text.txt");
    refused(
        muon(
            "gradients",
            "--checkpoint=" + run,
            "--data=" + text,
            "--windows=1",
            "--out=" + temp.resolve("no/such/folder/g.safetensors")),
        "folder");
    refused(muon("prepare", "--data=" + text, "--out=" + text), "text.txt");
    try (Stream<Path> left = Files.list(temp)) {
      assertThat(left.filter(p -> p.getFileName().toString().startsWith("."))).isEmpty();
    }
  }

  @Test
  void anEngineThatIsNotThereIsExitCodeThree() {
    Outcome o = train("--engine=tornado");
    assertThat(o.code()).isEqualTo(3);
    assertThat(o.err()).startsWith("muon: ").contains("tornado");
  }

  @Test
  void divergenceIsExitCodeFour() {
    Outcome o =
        train(
            "--data=" + text,
            "--out=" + temp.resolve("r"),
            "--set=optimizer.type=adamw",
            "--set=optimizer.adamw.lr=1e300",
            "--set=train.steps=40");
    assertThat(o.code()).isEqualTo(4);
    assertThat(o.err()).contains("muon: train: at step").doesNotContain("\tat ");
    assertThat(o.out() + o.err()).doesNotContain("to go on"); // there is nothing to go on from
    assertThat(muon("inspect", temp.resolve("r").toString()).out()).contains("run diverged: train");
  }

  @Test
  void aMistypedOptionIsAnsweredWithTheNearest() {
    refused(muon("train", "--dta", "x"), "--dta", "did you mean --data?");
  }
}
