package io.manifoldmuon.model.train;

/** What a run is asked from outside. */
@FunctionalInterface
public interface StopRequest {

  /** Whether the run shall save a checkpoint and end after the step that it is taking. */
  boolean afterStep();

  /**
   * Whether it shall give up that step, save what it had before, and end. It may be asked from
   * several threads.
   */
  default boolean atOnce() {
    return false;
  }
}
