package io.manifoldmuon.linalg.graph;

/** The part of a training step that a node belongs to; engines report their time by phase. */
public enum Phase {
  FORWARD,
  BACKWARD,
  OPTIMIZER
}
