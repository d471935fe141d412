package io.manifoldmuon.emulator.run;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs the work-items of a launch one at a time, in a fixed order: all of a group up to its
 * barrier, then all of it up to the next.
 *
 * <p>A work-item that waits at a barrier keeps its virtual thread, and the turn goes on to the
 * next. So a kernel without barriers runs on one thread, and one with barriers on as many as a
 * group has work-items.
 */
final class Turns {
  /** What the work-items do. */
  interface Items {
    /** A group begins. */
    void beginGroup(int group);

    /** Runs the work-item of number {@code inGroup} in the present group. */
    void run(int inGroup);

    /**
     * All work-items of the group have either ended or wait: fails unless all wait at one barrier.
     * {@code waiting} tells which wait.
     */
    void passBarrier(boolean[] waiting);
  }

  /** Unwinds a work-item whose launch is over. */
  static final class Over extends RuntimeException {
    private static final long serialVersionUID = 1;

    Over() {
      super("the launch is over", null, false, false);
    }
  }

  private final Items items;
  private final int groups;
  private final int groupSize;
  private final List<Worker> workers = new ArrayList<>();
  private final Deque<Worker> idle = new ArrayDeque<>();
  private final CountDownLatch end = new CountDownLatch(1);

  /** Who runs each work-item of the group that has begun and not ended. */
  private final Worker[] running;

  private final boolean[] waiting;
  private int group;
  private int ended;
  private int next;
  private boolean started;
  private volatile boolean over;
  private Throwable failure;

  Turns(Items items, int groups, int groupSize) {
    this.items = items;
    this.groups = groups;
    this.groupSize = groupSize;
    running = new Worker[groupSize];
    waiting = new boolean[groupSize];
  }

  /** Runs all work-items; fails as the first of them that does. */
  void run() {
    beginGroup();
    free().giveTurn();
    boolean interrupted = false;
    while (true) {
      try {
        end.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true; // a kernel cannot be stopped half-way
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    switch (failure) {
      case null -> {}
      case Error e -> throw e;
      case RuntimeException e -> throw e;
      default -> throw new IllegalStateException(failure);
    }
  }

  /** The work-item that has the turn waits for its group. */
  void await(int inGroup) {
    Worker me = running[inGroup];
    waiting[inGroup] = true;
    Worker other = afterTurn();
    if (other != me) {
      other.giveTurn();
      me.awaitTurn();
    }
  }

  /** Whose turn it is after one that ended or waits; null if the launch is over. */
  private Worker afterTurn() {
    if (next == groupSize) {
      if (ended == groupSize) {
        group++;
        if (group == groups) {
          return null;
        }
        beginGroup();
      } else {
        items.passBarrier(waiting);
        Arrays.fill(waiting, false);
        started = true;
        next = 0;
      }
    }
    return started ? running[next++] : free();
  }

  private void beginGroup() {
    ended = 0;
    next = 0;
    started = false;
    items.beginGroup(group);
  }

  /** A worker that runs no work-item: it will take the next that has not begun. */
  private Worker free() {
    Worker worker = idle.poll();
    if (worker == null) {
      worker = new Worker();
      workers.add(worker);
      worker.thread.start();
    }
    return worker;
  }

  private void finish(Throwable cause) {
    failure = cause;
    over = true;
    for (Worker worker : workers) {
      worker.giveTurn();
    }
    end.countDown();
  }

  private final class Worker implements Runnable {
    final Thread thread = Thread.ofVirtual().inheritInheritableThreadLocals(false).unstarted(this);
    private volatile boolean turn;

    void giveTurn() {
      turn = true;
      LockSupport.unpark(thread);
    }

    void awaitTurn() {
      while (!turn) {
        LockSupport.park(this);
      }
      turn = false;
      if (over) {
        throw new Over();
      }
    }

    @Override
    public void run() {
      try {
        while (true) {
          awaitTurn();
          runItems();
        }
      } catch (Over e) {
        return;
      } catch (RuntimeException | Error e) { // whatever it is, the caller has to learn of it
        finish(e);
      }
    }

    /** Runs work-items until the turn goes to another worker. */
    private void runItems() {
      while (true) {
        int inGroup = next++;
        running[inGroup] = this;
        items.run(inGroup);
        running[inGroup] = null;
        ended++;
        idle.push(this);
        Worker other = afterTurn();
        if (other == null) {
          finish(null);
          return;
        }
        if (other != this) {
          other.giveTurn();
          return;
        }
      }
    }
  }
}
