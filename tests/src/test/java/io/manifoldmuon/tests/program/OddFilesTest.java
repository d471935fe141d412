package io.manifoldmuon.tests.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.tests.program.Muon.Outcome;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files of no bytes and of five billion zeros, in the place of every file that is read: a sentence
 * and exit code 2, quickly, or the work is done.
 */
class OddFilesTest {
  private static final long HUGE = 5_000_000_000L;
  private static final long LONGEST_SECONDS = 60;

  @TempDir static Path temp;

  private static Path text;

  /**
   * A file that is odd, and a command that reads it.
   *
   * @param file below the run's copy, or of its own
   * @param allowed the exit codes that are right
   */
  record Case(String file, long size, List<Integer> allowed, List<String> command) {
    @Override
    public String toString() {
      return command.getFirst() + " with " + file + " of " + size + " bytes";
    }
  }

  @BeforeAll
  static void train() throws IOException {
    text = Files.copy(Path.of("..", "LICENSE"), temp.resolve("text.txt"));
    Outcome good =
        Muon.run(
            Muon.command(
                "train",
                SmallRun.settings(
                    "train.steps=4", "train.checkpoint_every=2", "train.eval_windows=2"),
                "--data=" + text,
                "--out=" + temp.resolve("good")));
    assertThat(good.code()).as(good.err()).isZero();
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (long size : List.of(0L, HUGE)) {
      List<Integer> refused = List.of(2);
      for (String data : List.of("odd.txt", "odd.zip", "odd.jar")) {
        cases.add(new Case(data, size, refused, training("@/" + data)));
        cases.add(
            new Case(
                data, size, refused, List.of("eval", "--checkpoint=@/run", "--data=@/" + data)));
        cases.add(
            new Case(data, size, refused, List.of("prepare", "--data=@/" + data, "--out=@/s")));
      }
      // without a header, zeros are tokens
      cases.add(new Case("odd.bin", size, size == 0 ? refused : List.of(0), training("@/odd.bin")));
      cases.add(new Case("odd.yaml", size, size == 0 ? List.of(0) : refused, configured()));
      for (String file : List.of("final/model.safetensors", "final/config.yaml")) {
        cases.add(
            new Case(
                "run/" + file,
                size,
                refused,
                List.of("eval", "--checkpoint=@/run/final", "--data=@/text.txt")));
        // weights can be inspected without a configuration
        List<Integer> inspected = file.endsWith("yaml") ? List.of(0, 2) : refused;
        cases.add(new Case("run/" + file, size, inspected, List.of("inspect", "@/run/final")));
      }
      for (String file :
          List.of(
              "final/model.safetensors",
              "final/optimizer.safetensors",
              "final/state.json",
              "final/config.yaml",
              "config.yaml",
              "best")) {
        // the checkpoint before it, or the final one, is whole: the run goes on
        cases.add(new Case("run/" + file, size, List.of(0), List.of("resume", "@/run")));
      }
      cases.add(
          new Case(
              "run/metrics.jsonl",
              size,
              size == 0 ? List.of(0) : List.of(0, 2),
              List.of("resume", "@/run", "--set=train.steps=5")));
    }
    return cases.stream();
  }

  private static List<String> training(String data) {
    return Muon.command(
        "train",
        SmallRun.settings("train.steps=1", "train.eval_windows=2"),
        "--data=" + data,
        "--out=@/new");
  }

  private static List<String> configured() {
    return List.of(
        "train",
        "--config=@/odd.yaml",
        "--engine=cpu",
        "--set=train.steps=1",
        "--set=train.eval_windows=1",
        "--data=@/text.txt",
        "--out=@/new");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isRefusedOrRead(Case odd) throws IOException {
    Path place = Files.createTempDirectory(temp, "case");
    copy(temp.resolve("good"), place.resolve("run"));
    Files.copy(text, place.resolve("text.txt"));
    Path file = place.resolve(odd.file());
    Files.deleteIfExists(file);
    try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(odd.size());
    }
    long began = System.nanoTime();
    Outcome outcome =
        Muon.run(odd.command().stream().map(a -> a.replace("@", place.toString())).toList());
    double seconds = (System.nanoTime() - began) / 1e9;
    assertThat(outcome.code()).as(outcome.err() + outcome.out()).isIn(odd.allowed());
    assertThat(seconds).as("seconds").isLessThan(LONGEST_SECONDS);
    assertThat(outcome.err())
        .doesNotContain("Exception")
        .doesNotContainPattern("\\bat [\\w.$]+\\(");
    if (outcome.code() == 2) {
      assertThat(outcome.err().lines()).as(outcome.err()).hasSize(1);
      assertThat(outcome.err()).startsWith("muon: ").contains(file.getParent().toString());
    }
    Files.deleteIfExists(file);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> walk = Files.walk(from)) {
      for (Path p : walk.toList()) {
        Files.copy(p, to.resolve(from.relativize(p).toString()));
      }
    }
  }
}
