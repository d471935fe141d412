package io.manifoldmuon.linalg.graph;

/** Which end of a larger shape a smaller operand's dimensions line up with. */
public enum Align {
  /** The small shape is the beginning of the large one: one value per row, matrix or tensor. */
  PREFIX,
  /** The small shape is the end of the large one: one value per column. */
  SUFFIX
}
