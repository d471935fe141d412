package io.manifoldmuon.tests.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signals, and folders that two processes want. */
class InterruptionTest {
  private static final int INTERRUPTED = 130;

  @TempDir Path temp;

  private Path run;

  @BeforeEach
  void requireSignals() {
    assumeTrue(Files.isExecutable(Path.of("/bin/kill")), "no /bin/kill to send signals with");
    run = temp.resolve("run with blanks");
  }

  private Process train(String... more) throws IOException {
    List<String> words =
        Java.command(
            List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            "io.manifoldmuon.model.cli.Main");
    words.addAll(
        Muon.command(
            "train",
            SmallRun.settings("engine.threads=1", "train.steps=1000000", "train.log_every=1"),
            "--data=" + Path.of("..", "LICENSE"),
            "--out=" + run));
    words.addAll(List.of(more));
    return new ProcessBuilder(words)
        .redirectErrorStream(true)
        .redirectOutput(temp.resolve("out.log").toFile())
        .start();
  }

  private void awaitStep(Process process) throws Exception {
    for (int i = 0; i < 6000 && process.isAlive(); i++) {
      Path metrics = run.resolve("metrics.jsonl");
      if (Files.exists(metrics) && Files.size(metrics) > 0) {
        return;
      }
      process.waitFor(20, TimeUnit.MILLISECONDS);
    }
    throw new AssertionError("no step was taken: " + log());
  }

  private static void signal(Process process, String name) throws Exception {
    new ProcessBuilder("/bin/kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  private int end(Process process) throws Exception {
    try {
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).as(log()).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private String log() throws IOException {
    return Files.readString(temp.resolve("out.log"));
  }

  @Test
  void aSignalSavesAndSaysHowToGoOnAndTheFolderIsTaken() throws Exception {
    Process process = train();
    awaitStep(process);
    Muon.Outcome second = Muon.run("resume", run.toString());
    assertThat(second.code()).isEqualTo(2);
    assertThat(second.err())
        .startsWith("muon: write ")
        .contains("process " + process.pid() + " is training in this folder");
    Muon.Outcome third = Muon.run("train", "--out", run.toString());
    assertThat(third.code()).isEqualTo(2);
    assertThat(third.err()).contains("process " + process.pid() + " is training in this folder");
    signal(process, "TERM");
    signal(process, "TERM"); // as `timeout` does, to the process and to its group
    assertThat(end(process)).as(log()).isEqualTo(INTERRUPTED);
    assertThat(log())
        .contains("interrupted: the step is being finished")
        .contains("to go on: ./muon resume '" + run + "'");
    Muon.Outcome resumed = Muon.run("resume", run.toString(), "--set=train.max_tokens=1");
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.out()).contains("going on from " + run + "/checkpoint-");
  }

  /** Steps of the reference engine at this size take seconds: the signals come within one. */
  private Process slow() throws IOException {
    return train(
        "--engine=reference",
        "--set=model.d_model=128",
        "--set=model.d_ff=2048",
        "--set=model.context=256",
        "--set=train.batch_size=8");
  }

  @Test
  void aSecondSignalGivesUpTheStepAndKeepsThoseBefore() throws Exception {
    Process process = slow();
    awaitStep(process);
    signal(process, "TERM"); // INT is ignored where CI runs in the background of a shell
    process.waitFor(800, TimeUnit.MILLISECONDS);
    signal(process, "TERM");
    long asked = System.nanoTime();
    assertThat(end(process)).as(log()).isEqualTo(INTERRUPTED);
    Figures.print("ended %.2f s after the second signal", (System.nanoTime() - asked) / 1e9);
    assertThat(log()).contains("once more gives the step up", "what was before it saved");
    assertThat(log()).contains("to go on: ./muon resume");
    assertThat(run.resolve("log.txt")).content().contains("step 2 given up on request");
    assertThat(run.resolve("checkpoint-1")).isDirectory();
    assertThat(run.resolve("checkpoint-2")).doesNotExist();
  }
}
