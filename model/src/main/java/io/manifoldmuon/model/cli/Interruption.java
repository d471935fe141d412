package io.manifoldmuon.model.cli;

import io.manifoldmuon.model.train.StopRequest;

/**
 * Turns Ctrl-C, SIGTERM and SIGHUP into requests to stop while it is open: the first to finish the
 * step and save, the second to give the step up and save what was before it; a third one ends the
 * process at once. Two that come together are one: {@code timeout} sends its signal to the process
 * and to its group, a terminal that closes sends two kinds.
 */
final class Interruption implements AutoCloseable, StopRequest {
  private static final long NANOS_TOGETHER = 700_000_000L;

  private final Terminal terminal;
  private final Signals signals; // null where this JVM has none
  private volatile int asked;
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
  public boolean afterStep() {
    return asked > 0;
  }

  @Override
  public boolean atOnce() {
    return asked > 1;
  }

  private synchronized void onSignal() {
    long now = System.nanoTime();
    if (asked > 0 && now - askedAt <= NANOS_TOGETHER) {
      return;
    }
    askedAt = now;
    asked++;
    switch (asked) {
      case 1 ->
          terminal.error(
              "interrupted: the step is being finished and a checkpoint saved; once more gives the"
                  + " step up");
      case 2 ->
          terminal.error(
              "the step is given up and what was before it saved; once more ends without");
      default -> {
        terminal.error("ended at once: what the last checkpoint does not have is lost");
        Runtime.getRuntime().halt(Main.INTERRUPTED);
      }
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
