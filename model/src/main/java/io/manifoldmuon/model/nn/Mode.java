package io.manifoldmuon.model.nn;

/** What a forward pass is for. */
public enum Mode {
  /** Router noise, and an objective with the auxiliary losses. */
  TRAIN,
  /** No noise; the objective is the loss. */
  EVAL
}
