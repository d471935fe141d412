package io.manifoldmuon.model.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.model.train.ProgressListener.Progress;
import io.manifoldmuon.model.train.StepMetrics;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminalTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  private String written() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static StepMetrics validated(long step) {
    return new StepMetrics(step, step, 2.0, 2.5, null, null, null, null, null, null, null);
  }

  @Test
  void aPipeGetsWholeLinesOnly() {
    var printer = new ProgressPrinter(new Terminal(stream, stream, false));
    for (int i = 1; i <= 100; i++) {
      printer.step(new Progress(i, 100, 2, 1000, 100 - i));
    }
    printer.logged(validated(100));
    assertThat(written()).doesNotContain("\r").doesNotContain("\u001b");
    assertThat(written().lines())
        .containsExactly(
            "step 1/100  loss 2.000  1,000 tokens/s  ETA 1:39",
            "step 100/100  loss 2.000  val 2.500  1,000 tokens/s  ETA 0:00");
  }

  @Test
  void aTerminalLineIsRewrittenAndKeptAtAValidation() {
    Terminal terminal = new Terminal(stream, stream, true);
    var printer = new ProgressPrinter(terminal);
    printer.step(new Progress(1, 100, 2, 1000, 99));
    printer.logged(validated(1));
    terminal.line("done");
    String last = written().substring(written().lastIndexOf("\r"));
    assertThat(written()).startsWith("\r░░░░░░░░░░░░░░░░  step 1/100");
    assertThat(last.strip().lines()).hasSize(2).last().isEqualTo("done");
    assertThat(last).contains("val 2.500");
  }

  @ParameterizedTest
  @CsvSource({
    "100, '████░░░░░░░░░░░░  step 25/100  loss 2.000  1,000 tokens/s  ETA 1:15'",
    "60, 'step 25/100  loss 2.000  1,000 tokens/s  ETA 1:15'",
    "40, 'step 25/100  loss 2.000  ETA 1:15'",
    "30, 'step 25/100  loss 2.000'",
    "5, 'step 25/100'"
  })
  void aNarrowTerminalSeesWhatFits(int columns, String line) {
    var terminal = new Terminal(stream, stream, true, columns);
    new ProgressPrinter(terminal).step(new Progress(25, 100, 2, 1000, 75));
    String last = written().substring(written().lastIndexOf("\r") + 1);
    assertThat(last).isEqualTo(line);
    assertThat(written()).doesNotContain("\u001b", "\n");
    assertThat(written().split("\r")[1].length()).isLessThan(Math.max(20, columns));
  }

  @Test
  void aLongRunInAPipeTakesFewLines() {
    long[] nanos = {0};
    var printer = new ProgressPrinter(new Terminal(stream, stream, false), () -> nanos[0]);
    for (int i = 1; i <= 7200; i++) { // two hours, a step a second
      nanos[0] += 1_000_000_000L;
      printer.step(new Progress(i, 7200, 2, 1000, 7200 - i));
    }
    // twelve in the first two minutes, then one a minute
    assertThat(written().lines().count()).isBetween(125L, 135L);
  }

  @Test
  void errorsAreOneLine() {
    new Terminal(stream, stream, false).error("a\n  b\r\nc");
    assertThat(written().stripTrailing()).isEqualTo("muon: a b c");
  }
}
