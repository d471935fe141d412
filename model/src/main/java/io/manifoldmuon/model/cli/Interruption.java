package io.manifoldmuon.model.cli;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Turns Ctrl-C, SIGTERM and SIGHUP into a request to stop while it is open; a second one ends the
 * process at once.
 */
final class Interruption implements AutoCloseable, BooleanSupplier {
  private final Terminal terminal;
  private final Signals signals; // null where this JVM has none
  private final AtomicInteger asked = new AtomicInteger();

  Interruption(Terminal terminal) {
    this.terminal = terminal;
    Signals found = null;
    try {
      found = new Signals(this::onSignal);
    } catch (ReflectiveOperationException e) {
      terminal.notice(
          "this JVM hands on no signals ("
              + Signals.reason(e)
              + "): Ctrl-C loses what the last checkpoint does not have");
    }
    this.signals = found;
  }

  @Override
  public boolean getAsBoolean() {
    return asked.get() > 0;
  }

  private void onSignal() {
    if (asked.incrementAndGet() == 1) {
      terminal.error(
          "interrupted: the step is being finished and a checkpoint saved; once more ends at once");
    } else {
      terminal.error("ended at once: what the last checkpoint does not have is lost");
      Runtime.getRuntime().halt(Main.INTERRUPTED);
    }
  }

  /** Gives the signals back. */
  @Override
  public void close() {
    if (signals != null) {
      signals.close();
    }
  }
}
