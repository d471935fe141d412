package io.manifoldmuon.model.experiment;

/** What an experiment is asked from outside; it looks several times a second. */
@FunctionalInterface
public interface StopAsked {
  /** Whether the runs shall save and end after their step, and no more begin. */
  boolean afterStep();

  /** Whether they shall give up that step. */
  default boolean atOnce() {
    return false;
  }
}
