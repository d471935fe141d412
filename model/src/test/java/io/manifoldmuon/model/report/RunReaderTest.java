package io.manifoldmuon.model.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.manifoldmuon.model.format.FormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunReaderTest {
  @TempDir Path temp;

  private void append(String name, String text) throws IOException {
    Files.writeString(temp.resolve("run").resolve(name), text, StandardOpenOption.APPEND);
  }

  @Test
  void numbersHaveFlatNames() throws IOException {
    RunData run = RunReader.read(RunFiles.write(temp.resolve("run"), 10));
    assertThat(run.metrics().series("val_loss").x()).containsExactly(5, 10);
    assertThat(run.metrics().last("groups.attention.dual_gap")).isEqualTo(0.1);
    assertThat(run.metrics().last("expert_load.0.1")).isEqualTo(1.4);
    assertThat(run.metrics().series("sigma_min").isEmpty()).isTrue(); // NaN is no point of a curve
    assertThat(run.metrics().rows().getFirst().get("sigma_min")).isNaN(); // but is not lost
    assertThat(run.metrics().names()).doesNotContain("groups.attention.solver");
    assertThat(run.config("data.path")).isEqualTo("'<x>'");
    assertThat(run.number("train.grad_clip")).isEqualTo(1);
    assertThat(run.outcome()).isEqualTo("completed");
  }

  @Test
  void aResumedRunTakesThePlaceOfWhatItRepeats() throws IOException {
    RunFiles.write(temp.resolve("run"), 10);
    append("metrics.jsonl", RunFiles.metrics(5, 9, Double.NaN).replace("2.50}", "3.00}"));
    append("metrics.jsonl", RunFiles.metrics(6, 8, Double.NaN).replace("3.00}", "3.50}"));
    append("sessions.jsonl", "{\"started\":\"2026-01-02T00:00:00Z\",\"step\":4}\n");
    RunData run = RunReader.read(temp.resolve("run"));
    assertThat(run.metrics().series("train_loss").x()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(run.metrics().last("train_loss")).isEqualTo(8);
    assertThat(new RunFigures(run).seconds()).isEqualTo(3.5);
    assertThat(run.samples()).extracting(RunData.Sample::step).containsExactly(5L);
    assertThat(run.outcome()).startsWith("no end recorded");
  }

  @Test
  void aLineThatIsNotWholeYetIsLeftOut() throws IOException {
    RunFiles.write(temp.resolve("run"), 4);
    append("metrics.jsonl", "{\"step\":5,\"train_loss\":");
    assertThat(RunReader.read(temp.resolve("run")).metrics().lastStep()).isEqualTo(4);
  }

  @Test
  void damagedLinesArePassedOverAndCounted() throws IOException {
    RunFiles.write(temp.resolve("run"), 4);
    append("metrics.jsonl", "garbage\n[1, 2]\n" + "x".repeat(2_000_000) + "\n");
    append("metrics.jsonl", RunFiles.metrics(5, 2, Double.NaN));
    RunData run = RunReader.read(temp.resolve("run"));
    assertThat(run.unreadable()).isEqualTo(java.util.Map.of("metrics.jsonl", 3));
    assertThat(run.metrics().lastStep()).isEqualTo(5);
    assertThat(RunPage.html(run)).contains("Lines of its files that could not be read: 3.");
  }

  @Test
  void whatIsNoRunIsRefused() throws IOException {
    assertThatThrownBy(() -> RunReader.read(temp.resolve("nothing")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("no such folder");
    assertThatThrownBy(() -> RunReader.read(temp))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("metrics.jsonl");
    Files.createDirectories(temp.resolve("run"));
    Files.write(temp.resolve("run/metrics.jsonl"), new byte[] {(byte) 0xC3, 0x28, '\n'});
    assertThat(RunReader.read(temp.resolve("run")).unreadable()).containsEntry("metrics.jsonl", 1);
    Files.writeString(
        temp.resolve("run/metrics.jsonl"), "[".repeat(100_000) + "\n", StandardCharsets.UTF_8);
    RunData run = RunReader.read(temp.resolve("run"));
    assertThat(run.metrics().isEmpty()).isTrue();
    assertThat(run.unreadable()).containsEntry("metrics.jsonl", 1);
  }
}
