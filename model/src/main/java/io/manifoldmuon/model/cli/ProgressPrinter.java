package io.manifoldmuon.model.cli;

import io.manifoldmuon.model.train.ProgressListener;
import io.manifoldmuon.model.train.StepMetrics;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Shows a run: on a terminal one line that is rewritten and fits its width, with a line of its own
 * for every validation; elsewhere a line now and then, seldom in a long run.
 */
final class ProgressPrinter implements ProgressListener {
  private static final long SECOND = 1_000_000_000L;
  private static final long BETWEEN_REWRITES = SECOND / 10;
  private static final long BETWEEN_LINES = 10 * SECOND;

  /** Lines are a minute apart, once there were as many as this. */
  private static final int CLOSE_LINES = 12;

  private static final int BAR = 16;

  private final Terminal terminal;
  private final LongSupplier clock;
  private long shown;
  private int lines;
  private Progress now;

  ProgressPrinter(Terminal terminal) {
    this(terminal, System::nanoTime);
  }

  /** A printer with a clock of nanoseconds. */
  ProgressPrinter(Terminal terminal, LongSupplier clock) {
    this.terminal = terminal;
    this.clock = clock;
    this.shown = clock.getAsLong() - BETWEEN_LINES;
  }

  @Override
  public void step(Progress progress) {
    now = progress;
    long time = clock.getAsLong();
    if (time - shown >= distance()) {
      shown = time;
      lines++;
      show(text(progress, ""));
    }
  }

  private long distance() {
    if (terminal.interactive()) {
      return BETWEEN_REWRITES;
    }
    return lines < CLOSE_LINES ? BETWEEN_LINES : 6 * BETWEEN_LINES;
  }

  private void show(String line) {
    if (terminal.interactive()) {
      terminal.rewrite(line);
    } else {
      terminal.line(line);
    }
  }

  /** What fits: the bar goes first where there is no room, then the speed, then the time left. */
  private String text(Progress p, String more) {
    String step = Texts.format("step %,d/%,d", p.step(), p.steps());
    String loss = Texts.format("  loss %.3f%s", p.loss(), more);
    String speed = Texts.format("  %,.0f tokens/s", p.tokensPerSecond());
    String left = "  ETA " + Texts.duration(p.secondsLeft());
    if (!terminal.interactive()) {
      return step + loss + speed + left;
    }
    String whole = bar(p) + "  " + step + loss + speed + left;
    return Stream.of(whole, step + loss + speed + left, step + loss + left, step + loss)
        .filter(line -> line.length() <= terminal.width())
        .findFirst()
        .orElse(step);
  }

  private static String bar(Progress p) {
    int done = p.steps() == 0 ? 0 : (int) Math.min(BAR, BAR * p.step() / p.steps());
    return "█".repeat(done) + "░".repeat(BAR - done);
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
      shown = clock.getAsLong();
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
