package io.manifoldmuon.emulator.memory;

import io.manifoldmuon.emulator.EmulatorException;
import io.manifoldmuon.emulator.Fault;

/** Which work-item has the turn in a launch, and how many barriers its group passed. */
public abstract class Position {
  private final int groupSize;
  private int item;
  private int localPhase;
  private int globalPhase;

  /** A launch in groups of {@code groupSize}. */
  protected Position(int groupSize) {
    this.groupSize = groupSize;
  }

  /** Begins a group: no barrier was passed yet. */
  public final void beginGroup() {
    localPhase = 0;
    globalPhase = 0;
  }

  /** The turn goes to work-item {@code number}, counted group by group. */
  public final void turnTo(int number) {
    item = number;
  }

  /** The group passed a barrier that orders accesses to local arrays. */
  public final void passedLocalBarrier() {
    localPhase++;
  }

  /** The group passed a barrier that orders accesses to global arrays. */
  public final void passedGlobalBarrier() {
    globalPhase++;
  }

  /** The work-item that has the turn, counted group by group. */
  public final int item() {
    return item;
  }

  final boolean sameGroup(int other) {
    return item / groupSize == other / groupSize;
  }

  final int localPhase() {
    return localPhase;
  }

  final int globalPhase() {
    return globalPhase;
  }

  /** The fault {@code what} of the work-item that has the turn; the message says where it is. */
  public abstract EmulatorException fault(Fault fault, String what);

  /** How messages call work-item {@code number}. */
  public abstract String nameOf(int number);

  final EmulatorException race(String access, int index, String array, int other, String barrier) {
    String who =
        other == Shadow.ANOTHER
            ? "another work-item of its group"
            : other == item ? "a work-item of another group" : nameOf(other);
    String advice =
        other == Shadow.ANOTHER || (other != item && sameGroup(other))
            ? "without a " + barrier + " between"
            : "and groups run in any order";
    return fault(
        Fault.RACE,
        "%s element %d of %s, which %s reads or writes too, %s"
            .formatted(access, index, array, who, advice));
  }
}
