package io.manifoldmuon.tests.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.manifoldmuon.tests.program.Java.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fills up while a checkpoint is written; it is mounted for one process alone. */
class FullDiskTest {
  /** The folder's logs fit into it, the weights do not. */
  private static final String MOUNT = "mount -t tmpfs -o size=64k none \"$0\"";

  @TempDir Path temp;

  private Path disk;

  @BeforeEach
  void requireOwnMounts() throws Exception {
    disk = Files.createDirectory(temp.resolve("disk"));
    try {
      Outcome probe = Java.process(temp, withOwnMounts(MOUNT));
      assumeTrue(probe.code() == 0, "no mounts of one's own: " + probe.err());
    } catch (IOException e) {
      assumeTrue(false, "no mounts of one's own: " + e.getMessage());
    }
  }

  /** The words that run a script, whose {@code $0} is the disk, where mounts are its own. */
  private List<String> withOwnMounts(String script) {
    return new ArrayList<>(List.of("unshare", "-r", "-m", "sh", "-c", script, disk.toString()));
  }

  @Test
  void aCheckpointIsWholeOrNotThere() throws Exception {
    List<String> words =
        withOwnMounts(MOUNT + "; \"$@\"; code=$?; echo left:; ls -A \"$0/run\"; exit $code");
    words.addAll(Java.command(List.of(), "io.manifoldmuon.model.cli.Main"));
    words.addAll(
        Muon.command(
            "train",
            SmallRun.settings("train.steps=3", "train.eval_windows=2"),
            "--data=" + Path.of("..", "LICENSE"),
            "--out=" + disk.resolve("run")));
    Outcome outcome = Java.process(temp, words);
    assertThat(outcome.code()).as(outcome.err().toString()).isEqualTo(2);
    List<String> messages =
        outcome.err().stream().filter(line -> !line.startsWith("WARNING:")).toList();
    assertThat(messages).hasSize(1);
    assertThat(messages.getFirst()).startsWith("muon: write ").contains("final", "space");
    List<String> out = outcome.out();
    assertThat(out.subList(out.indexOf("left:") + 1, out.size()))
        .containsExactlyInAnyOrder(
            ".lock", "config.yaml", "log.txt", "metrics.jsonl", "samples.jsonl", "sessions.jsonl");
  }

  @Test
  void aReadOnlyDiskIsRefusedBeforeAnythingElse() throws Exception {
    String script = MOUNT + "; mount -o remount,ro \"$0\"; \"$@\"";
    List<String> words = withOwnMounts(script);
    words.addAll(Java.command(List.of(), "io.manifoldmuon.model.cli.Main"));
    words.addAll(List.of("train", "--out=" + disk.resolve("run")));
    Outcome outcome = Java.process(temp, words);
    assertThat(outcome.code()).as(outcome.err().toString()).isEqualTo(2);
    List<String> messages =
        outcome.err().stream().filter(line -> !line.startsWith("WARNING:")).toList();
    assertThat(messages).hasSize(1);
    assertThat(messages.getFirst())
        .startsWith("muon: write ")
        .contains("is not a folder that can be written to");
  }
}
