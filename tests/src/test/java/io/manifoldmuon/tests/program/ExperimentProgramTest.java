package io.manifoldmuon.tests.program;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.manifoldmuon.model.report.FlatNumbers;
import io.manifoldmuon.model.report.MetricNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Experiments as a user runs them. */
class ExperimentProgramTest {
  private static final String DATA = "--data=" + Path.of("..", "LICENSE");

  /** What is no time: two starts of the same run differ in nothing else. */
  private static final List<String> TIMES = List.of("wall_seconds", "step_ms", "optimizer_ms");

  private static final String YAML =
      """
      name: small
      question: Does it go on?
      base:
        engine.name: cpu
        model: {d_model: 32, n_layers: 1, n_heads: 2, n_experts: 4, top_k: 2, d_ff: 64, context: 32}
        train: {batch_size: 4, log_every: 10, eval_every: 20, checkpoint_every: 4, keep_last: 0, eval_windows: 8}
      arms:
        muon: {settings: {optimizer.type: muon}}
        adamw: {settings: {optimizer.type: adamw, optimizer.adamw.lr: 0.01}}
      baseline: muon
      seeds: 1
      budget: {steps: 40}
      """;

  @TempDir Path temp;

  private List<String> command(String folder, String... more) throws IOException {
    Path yaml = Files.writeString(temp.resolve("small.yaml"), YAML);
    var words =
        new java.util.ArrayList<>(
            List.of(
                "experiment",
                "run",
                yaml.toString(),
                DATA,
                "--out",
                temp.resolve(folder).toString()));
    words.addAll(List.of("--engine", "cpu", "--threads", "1"));
    words.addAll(List.of(more));
    return words;
  }

  private Process start(List<String> arguments) throws IOException {
    List<String> words =
        Java.command(
            List.of(
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1"), // slow steps, fast start
            "io.manifoldmuon.model.cli.Main");
    words.addAll(arguments);
    return new ProcessBuilder(words)
        .redirectErrorStream(true)
        .redirectOutput(temp.resolve("out.log").toFile())
        .start();
  }

  private String log() throws IOException {
    return Files.readString(temp.resolve("out.log"));
  }

  private int end(Process process) throws Exception {
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).as(log()).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private void awaitFile(Process process, Path file) throws Exception {
    for (int i = 0; i < 6000 && process.isAlive(); i++) {
      if (Files.exists(file)) {
        return;
      }
      process.waitFor(10, TimeUnit.MILLISECONDS);
    }
    throw new AssertionError("no " + file + ": " + log());
  }

  /** The table of runs without the columns of times. */
  private List<String> table(String folder) throws IOException {
    List<String> lines = Files.readAllLines(temp.resolve(folder).resolve("results.csv"));
    List<String> heads = List.of(lines.getFirst().split(","));
    return lines.stream()
        .map(
            line -> {
              String[] cells = line.split(",", -1);
              return IntStream.range(0, heads.size())
                  .filter(i -> !TIMES.contains(heads.get(i)))
                  .mapToObj(i -> cells[i])
                  .collect(Collectors.joining(","));
            })
        .toList();
  }

  @Test
  void killedAndStartedAgainItGivesTheSameTable() throws Exception {
    assertThat(end(start(command("whole", "--jobs=2", "--threads=2")))).as(log()).isZero();
    // killed in the first run, whose process goes on by itself; then asked to stop in the second
    Process killed = start(command("again"));
    awaitFile(killed, temp.resolve("again/runs/main-muon-seed1/checkpoint-4"));
    killed.destroyForcibly().waitFor();
    Process stopped = start(command("again"));
    awaitFile(stopped, temp.resolve("again/runs/main-adamw-seed1/checkpoint-4"));
    stopped.destroy();
    assertThat(end(stopped)).as(log()).isEqualTo(130);
    assertThat(log()).contains("to go on: ./muon experiment run");
    assertThat(temp.resolve("again/runs/main-adamw-seed1/final")).doesNotExist();
    assertThat(end(start(command("again")))).as(log()).isZero();
    assertThat(table("again")).hasSize(3).isEqualTo(table("whole"));
    Path merged = temp.resolve("merged");
    Muon.Outcome report =
        Muon.run(
            "experiment",
            "report",
            temp.resolve("again").toString(),
            temp.resolve("whole").toString(),
            "--out",
            merged.toString());
    assertThat(report.code()).as(report.out()).isZero();
    assertThat(report.out()).contains("2 of 2 runs", "page    " + merged.resolve("index.html"));
    assertThat(table("merged")).isEqualTo(table("whole"));
    assertThat(Muon.run("experiment", "report", temp.toString()).err())
        .contains("wanted --out DIR");
    List<String> elsewhere = command("whole");
    elsewhere.set(elsewhere.indexOf(DATA), "--data=" + Path.of("..", "CHANGELOG.md"));
    assertThat(end(start(elsewhere))).as(log()).isEqualTo(2);
    assertThat(log()).contains("saw another text").doesNotContain("results ");
    assertThat(Files.readString(temp.resolve("again/logs/main-adamw-seed1.log")))
        .contains("interrupted", "going on from");
  }

  @Test
  void everyNumberThatIsLoggedCanHaveALimit() throws IOException {
    Path run = temp.resolve("run");
    var words =
        new java.util.ArrayList<>(List.of("train", DATA, "--out", run.toString(), "--engine=cpu"));
    for (String setting :
        List.of(
            "train.steps=2",
            "train.log_every=1",
            "train.eval_every=2",
            "train.batch_size=1",
            "model.d_model=32",
            "model.d_ff=64",
            "model.context=16")) {
      words.addAll(List.of("--set", setting));
    }
    Muon.Outcome trained = Muon.run(words.toArray(String[]::new));
    assertThat(trained.code()).as(trained.err()).isZero();
    Set<String> names = new TreeSet<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      names.addAll(FlatNumbers.of(new ObjectMapper().readTree(line)).keySet());
    }
    assertThat(names)
        .contains("groups.attention.dual_gap", "val_loss", "expert_load.0.0")
        .allMatch(MetricNames::isKnown);
  }

  @Test
  void whatIsBuiltInIsListedShownAndSpread() throws IOException {
    Muon.Outcome list = Muon.run("experiment", "list");
    assertThat(list.code()).isZero();
    assertThat(list.out())
        .containsPattern("(?m)^shakespeare .*\\d+ runs \\(\\d+ to tune\\), [\\d.]+ M tokens")
        .containsPattern("(?m)^constraint +3 runs \\(0 to tune\\), 3.1 M tokens");
    Muon.Outcome show = Muon.run("experiment", "show", "ablation");
    assertThat(show.out()).contains("name: ablation", "muon-gains:");
    Path own = Files.writeString(temp.resolve("own.yaml"), show.out());
    Muon.Outcome dry =
        Muon.run(
            "experiment",
            "run",
            own.toString(),
            DATA,
            "--out",
            temp.resolve("x").toString(),
            "--dry-run",
            "--seeds=2");
    assertThat(dry.code()).as(dry.err()).isZero();
    assertThat(dry.out())
        .contains("main-everything-irls-seed2", "33 runs to tune and 22 to compare");
    assertThat(temp.resolve("x")).doesNotExist();
    Path tasks = temp.resolve("tasks.txt");
    Muon.Outcome spread =
        Muon.run(
            "experiment", "tasks", "solver", DATA, "--format=parallel", "--out", tasks.toString());
    assertThat(spread.out()).contains("tasks-tuning.txt", "tasks-main.txt");
    assertThat(Files.readAllLines(temp.resolve("tasks-tuning.txt"))).hasSize(18);
    Muon.Outcome slurm =
        Muon.run(
            "experiment",
            "tasks",
            "constraint",
            DATA,
            "--format=slurm",
            "--out",
            temp.resolve("sweep.sh").toString());
    assertThat(slurm.out()).contains("submit it by: sh ");
    assertThat(Files.readString(temp.resolve("sweep.sh")))
        .contains("sbatch --array=1-3 ", "--only main-irls-seed1 ;;")
        .doesNotContain("afterok");
    assertThat(Muon.run("experiment", "tasks", "solver", DATA, "--format=pbs", "--out=x").err())
        .contains("slurm, parallel or text");
    assertThat(Files.readAllLines(temp.resolve("tasks-main.txt")))
        .hasSize(30)
        .allMatch(l -> l.startsWith("./muon experiment run solver --data "));
  }

  @Test
  void mistakesEndWithTwo() throws IOException {
    assertThat(Muon.run("experiment", "show", "shakespear").err())
        .contains("did you mean shakespeare?");
    Muon.Outcome jobs = Muon.run(command("y", "--jobs=0"));
    assertThat(jobs.code()).isEqualTo(2);
    assertThat(jobs.err()).contains("--jobs is 0");
    Muon.Outcome only = Muon.run(command("y", "--only=main-muno-seed1"));
    assertThat(only.code()).isEqualTo(2);
    assertThat(only.err()).contains("did you mean main-muon-seed1?");
    Muon.Outcome set = Muon.run(command("y", "--set=model.d_modl=3"));
    assertThat(set.code()).isEqualTo(2);
    assertThat(set.err()).contains("did you mean model.d_model?");
    Muon.Outcome report = Muon.run("experiment", "report", temp.toString());
    assertThat(report.code()).isEqualTo(2);
    assertThat(temp.resolve("y")).doesNotExist();
  }
}
