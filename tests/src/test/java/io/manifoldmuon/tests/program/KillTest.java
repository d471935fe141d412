package io.manifoldmuon.tests.program;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run that is killed (SIGKILL) again and again, at random moments of its start, its steps and its
 * saving, and resumed each time, ends with the bytes of a run that was left alone.
 *
 * <p>{@code -Dmuon.test.kills=200} kills more often, {@code -Dmuon.test.seed=N} at other moments.
 */
class KillTest {
  private static final int KILLS = Integer.getInteger("muon.test.kills", 6);
  private static final long SEED = Long.getLong("muon.test.seed", 20_261_125);

  private static final List<String> FILES =
      List.of("model.safetensors", "optimizer.safetensors", "config.yaml");

  private static final List<String> CLOCK =
      List.of(
          "tokens_per_s", "step_ms", "forward_ms", "backward_ms", "optimizer_ms", "total_seconds");

  private static final Duration LONGEST = Duration.ofMinutes(2);

  /** When a process is killed. */
  private enum Moment {
    /** So long after its start, when it may have done nothing yet. */
    STARTING,
    /** So long after its first step. */
    STEPPING,
    /** When a checkpoint has begun to be written. */
    SAVING
  }

  @TempDir Path temp;

  private final SplittableRandom random = new SplittableRandom(SEED);
  private Path text;
  private Path run;

  @BeforeEach
  void writeText() throws IOException {
    text = Files.copy(Path.of("..", "LICENSE"), temp.resolve("text.txt"));
  }

  @Test
  void killedAndResumedItEndsWithTheSameBytes() throws Exception {
    System.out.println("  seed " + SEED + ", " + KILLS + " kills");
    Path alone = temp.resolve("alone");
    assertThat(finish(start(train(alone)))).isZero();
    Map<Moment, Integer> kills = new EnumMap<>(Moment.class);
    int rounds = 0;
    int done = 0;
    while (done < KILLS) {
      run = temp.resolve("run-" + rounds++);
      done += killUntilComplete(KILLS - done, kills);
      assertSame(alone);
      deleteAll(run);
      System.out.println("  " + done + " kills, " + rounds + " runs ended as if left alone");
    }
    Figures.print("%d kills %s in %d runs, all as if left alone", done, kills, rounds);
  }

  /** Kills a run until it is complete or often enough, and gives how often. */
  private int killUntilComplete(int most, Map<Moment, Integer> kills) throws Exception {
    for (int done = 0; done < most; done++) {
      Moment moment = Moment.values()[random.nextInt(Moment.values().length)];
      Process process = start(next());
      if (!killed(process, moment)) {
        assertThat(process.exitValue()).as(log()).isZero();
        return done;
      }
      kills.merge(moment, 1, Integer::sum);
    }
    assertThat(finish(start(next()))).as(log()).isZero();
    return most;
  }

  /** The command that a user would give: to resume where there is a run, else to begin it. */
  private List<String> next() {
    return Files.exists(run.resolve("config.yaml"))
        ? command("resume", run.toString())
        : train(run);
  }

  private List<String> train(Path out) {
    List<String> settings =
        SmallRun.settings(
            "engine.threads=1",
            "model.d_model=16",
            "model.d_ff=32",
            "model.router_bias=true",
            "optimizer.type=composed_manifold",
            "data.path=" + text,
            "train.steps=60",
            "train.log_every=1",
            "train.eval_every=7",
            "train.eval_windows=2",
            "train.checkpoint_every=3");
    return command(Muon.command("train", settings, "--out=" + out).toArray(String[]::new));
  }

  private static List<String> command(String... arguments) {
    List<String> words =
        Java.command(
            List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            "io.manifoldmuon.model.cli.Main");
    words.addAll(List.of(arguments));
    return words;
  }

  private Process start(List<String> words) throws IOException {
    return new ProcessBuilder(words)
        .redirectErrorStream(true)
        .redirectOutput(temp.resolve("process.log").toFile())
        .start();
  }

  private String log() throws IOException {
    return "seed " + SEED + ": " + Files.readString(temp.resolve("process.log"));
  }

  private static int finish(Process process) throws InterruptedException {
    try {
      assertThat(process.waitFor(LONGEST.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** Kills a process at its moment; false if it came to its end before. */
  private boolean killed(Process process, Moment moment) throws Exception {
    long began = System.nanoTime();
    long before = progress();
    switch (moment) {
      case STARTING -> pause(process, random.nextInt(3_000_000));
      case STEPPING -> {
        while (process.isAlive() && progress() == before && !late(began)) {
          pause(process, 500);
        }
        pause(process, random.nextInt(600_000));
      }
      case SAVING -> {
        int passedOver = random.nextInt(6);
        boolean seen = false;
        while (process.isAlive() && !late(began)) {
          boolean now = isSaving(process.pid());
          if (now && !seen && passedOver-- == 0) {
            break;
          }
          seen = now;
        }
        pause(process, random.nextInt(4_000));
      }
    }
    boolean alive = process.isAlive();
    process.destroyForcibly().waitFor();
    return alive && process.exitValue() != 0;
  }

  private static boolean late(long began) {
    return System.nanoTime() - began > LONGEST.toNanos();
  }

  private static void pause(Process process, int micros) throws InterruptedException {
    process.waitFor(micros, TimeUnit.MICROSECONDS);
  }

  private long progress() throws IOException {
    Path metrics = run.resolve("metrics.jsonl");
    return Files.exists(metrics) ? Files.size(metrics) : 0;
  }

  private boolean isSaving(long pid) throws IOException {
    if (!Files.isDirectory(run)) {
      return false;
    }
    try (Stream<Path> list = Files.list(run)) {
      return list.anyMatch(p -> p.getFileName().toString().endsWith(".writing-" + pid));
    }
  }

  // ---- comparing ----------------------------------------------------------------------------

  private void assertSame(Path alone) throws IOException {
    for (String name : FILES) {
      assertThat(run.resolve("final").resolve(name))
          .as("seed " + SEED)
          .hasSameBinaryContentAs(alone.resolve("final").resolve(name));
    }
    assertThat(metrics(run)).as("seed " + SEED).isEqualTo(metrics(alone));
    assertThat(names(run)).as("seed " + SEED).isEqualTo(names(alone));
  }

  private static List<String> metrics(Path folder) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("metrics.jsonl"))) {
      ObjectNode fields = (ObjectNode) new ObjectMapper().readTree(line);
      fields.remove(CLOCK);
      lines.add(fields.toString());
    }
    return lines;
  }

  /** What is in a run's folder, all that killed processes left included. */
  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> list = Files.list(folder)) {
      return list.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path p : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(p);
      }
    }
  }
}
