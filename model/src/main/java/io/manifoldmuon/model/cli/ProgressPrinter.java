package io.manifoldmuon.model.cli;

import io.manifoldmuon.model.train.ProgressListener;
import io.manifoldmuon.model.train.StepMetrics;
import java.nio.file.Path;

/**
 * Shows a run: on a terminal one line that is rewritten, with a line of its own for every
 * validation; elsewhere a line now and then.
 */
final class ProgressPrinter implements ProgressListener {
  private static final long NANOS_BETWEEN_REWRITES = 100_000_000L;
  private static final long NANOS_BETWEEN_LINES = 10_000_000_000L;

  private final Terminal terminal;
  private long shown = System.nanoTime() - NANOS_BETWEEN_LINES;
  private Progress now;

  ProgressPrinter(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void step(Progress progress) {
    now = progress;
    long time = System.nanoTime();
    long distance = terminal.interactive() ? NANOS_BETWEEN_REWRITES : NANOS_BETWEEN_LINES;
    if (time - shown >= distance) {
      shown = time;
      show(text(progress, ""));
    }
  }

  private void show(String line) {
    if (terminal.interactive()) {
      terminal.rewrite(line);
    } else {
      terminal.line(line);
    }
  }

  private static String text(Progress p, String more) {
    return Texts.format(
        "step %,d/%,d  loss %.3f%s  %,.0f tokens/s  ETA %s",
        p.step(), p.steps(), p.loss(), more, p.tokensPerSecond(), Texts.duration(p.secondsLeft()));
  }

  @Override
  public void validating(long step) {
    if (terminal.interactive()) {
      terminal.rewrite(Texts.format("step %,d: validating …", step));
    }
  }

  @Override
  public void logged(StepMetrics metrics) {
    if (metrics.valLoss() != null) {
      shown = System.nanoTime();
      show(text(now, Texts.format("  val %.3f", metrics.valLoss())));
      terminal.endLine();
    }
  }

  @Override
  public void saved(long step, Path folder) {
    if (terminal.interactive()) {
      terminal.rewrite(Texts.format("step %,d: saved %s", step, folder));
    }
  }

  @Override
  public void notice(String text) {
    terminal.notice(text);
  }
}
