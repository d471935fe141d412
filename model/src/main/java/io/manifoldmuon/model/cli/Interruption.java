package io.manifoldmuon.model.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Turns Ctrl-C and SIGTERM into a request to stop: while it is open, the end of the process waits
 * for the command to save what it has, and its exit code is 130.
 */
final class Interruption implements AutoCloseable, BooleanSupplier {
  private static final long PATIENCE_MINUTES = 10;

  private final Terminal terminal;
  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread hook = new Thread(this::onShutdown, "muon-interruption");
  private volatile boolean asked;

  Interruption(Terminal terminal) {
    this.terminal = terminal;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  @Override
  public boolean getAsBoolean() {
    return asked;
  }

  private void onShutdown() {
    asked = true;
    terminal.error("interrupted: the step is being finished and a checkpoint saved");
    try {
      over.await(PATIENCE_MINUTES, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(Main.INTERRUPTED);
  }

  /** Lets the process end. */
  @Override
  public void close() {
    over.countDown();
    if (!asked) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        asked = true; // the end has begun in this very moment; the hook sees that all is saved
      }
    }
  }
}
