package io.manifoldmuon.emulator;

/** What the emulator found wrong. */
public enum Fault {
  /** An index lies outside of its array. */
  BOUNDS,
  /** Two work-items touch one element, at least one writes, and nothing orders them. */
  RACE,
  /** An element is read that was neither transferred nor written. */
  UNDEFINED,
  /** A barrier was not reached by the whole group, or not the same one. */
  BARRIER,
  /** A grid is missing, misnamed, not whole groups, or too big. */
  GRID,
  /** A value that is folded into the kernel may change, or did. */
  SCALAR,
  /** The host changed an array that is not sent again. */
  STALE,
  /** A graph or a group is too big. */
  LIMIT,
  /** An array is not where the graph says, or moves as no array can. */
  TRANSFER,
  /** The kernel does what TornadoVM cannot, or failed. */
  KERNEL
}
