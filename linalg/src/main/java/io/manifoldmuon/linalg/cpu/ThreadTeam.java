package io.manifoldmuon.linalg.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed team of threads that runs the parts of one task at a time; the calling thread is one of
 * them. Starting a task allocates nothing, and idle members spin briefly before they sleep, because
 * the next task usually comes within microseconds.
 *
 * <p>Which thread runs which part is not fixed, so a part must compute the same whoever runs it.
 */
final class ThreadTeam implements AutoCloseable {
  /** More parts than this are refused: they would not fit the ticket. */
  static final int MAX_PARTS = (1 << 20) - 1;

  /** Rounds of waiting on the processor, some ten microseconds, before it is offered to others. */
  private static final int SPINS = 1_000;

  /** Rounds of offering the processor to others before an idle worker sleeps. */
  private static final int YIELDS = 2_000;

  /** The work of one part. */
  interface Task {
    /**
     * Does part {@code part}.
     *
     * @param thread the index of the executing thread, for scratch memory
     */
    void run(int part, int thread);
  }

  /** Generation (24 bits), number of parts (20 bits), next part to claim (20 bits). */
  private final AtomicLong ticket = new AtomicLong();

  private final AtomicInteger completed = new AtomicInteger();
  private final Thread[] workers;
  private final AtomicInteger sleepers = new AtomicInteger();
  private volatile Task task;
  private volatile RuntimeException failure;
  private volatile boolean closed;

  ThreadTeam(int threads) {
    workers = new Thread[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      int index = i + 1;
      workers[i] = Thread.ofPlatform().daemon().name("muon-cpu-" + index).start(() -> work(index));
    }
  }

  int threads() {
    return workers.length + 1;
  }

  /** Runs all parts and returns when they are done. */
  void run(int parts, Task newTask) {
    if (parts == 1 || workers.length == 0) {
      for (int i = 0; i < parts; i++) {
        newTask.run(i, 0);
      }
      return;
    }
    if (parts > MAX_PARTS) {
      throw new IllegalArgumentException("ThreadTeam: " + parts + " parts, at most " + MAX_PARTS);
    }
    completed.set(0);
    task = newTask;
    long generation = (ticket.get() >>> 40) + 1;
    ticket.set(generation << 40 | (long) parts << 20);
    if (sleepers.get() > 0) {
      for (Thread w : workers) {
        LockSupport.unpark(w);
      }
    }
    drain(0);
    for (int waited = 0; completed.get() < parts; waited++) {
      pause(waited);
    }
    RuntimeException failed = failure;
    if (failed != null) {
      failure = null;
      throw failed;
    }
  }

  private void work(int index) {
    int idle = 0;
    while (!closed) {
      if (drain(index)) {
        idle = 0;
      } else if (++idle < SPINS + YIELDS) {
        pause(idle);
      } else {
        sleepers.incrementAndGet();
        if (nothingToClaim(ticket.get()) && !closed) {
          LockSupport.park(this);
        }
        sleepers.decrementAndGet();
        idle = 0;
      }
    }
  }

  /**
   * Waits a little. On a machine that others use too, a thread that only spins would hold the
   * processor that the thread it waits for needs.
   */
  @SuppressWarnings("ThreadPriorityCheck") // only speed depends on the yield, and it is measured
  private static void pause(int waited) {
    if (waited < SPINS) {
      Thread.onSpinWait();
    } else {
      Thread.yield();
    }
  }

  private static boolean nothingToClaim(long t) {
    return (t & MAX_PARTS) >= (t >>> 20 & MAX_PARTS);
  }

  /** Claims and runs parts until none is left; whether there was one. */
  private boolean drain(int thread) {
    boolean any = false;
    while (true) {
      long t = ticket.get();
      if (nothingToClaim(t)) {
        return any;
      }
      if (ticket.compareAndSet(t, t + 1)) {
        // the claimed part is not completed, so the task cannot have changed since the claim
        any = true;
        try {
          task.run((int) (t & MAX_PARTS), thread);
        } catch (RuntimeException e) {
          failure = e;
        } catch (Error e) {
          failure = new IllegalStateException("ThreadTeam: a part failed with " + e, e);
        } finally {
          completed.incrementAndGet();
        }
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Thread w : workers) {
      LockSupport.unpark(w);
    }
  }
}
