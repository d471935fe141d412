package io.manifoldmuon.model.cli;

import java.util.function.BooleanSupplier;

/**
 * Turns Ctrl-C, SIGTERM and SIGHUP into a request to stop while it is open; a second one ends the
 * process at once. Two that come together are one: {@code timeout} sends its signal to the process
 * and to its group, a terminal that closes sends two kinds.
 */
final class Interruption implements AutoCloseable, BooleanSupplier {
  private static final long NANOS_TOGETHER = 700_000_000L;

  private final Terminal terminal;
  private final Signals signals; // null where this JVM has none
  private volatile boolean asked;
  private long askedAt;

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
    return asked;
  }

  private synchronized void onSignal() {
    long now = System.nanoTime();
    if (!asked) {
      asked = true;
      askedAt = now;
      terminal.error(
          "interrupted: the step is being finished and a checkpoint saved; once more ends at once");
    } else if (now - askedAt > NANOS_TOGETHER) {
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
