package io.manifoldmuon.optim;

/** Which parts of a parameter are unit vectors. */
public enum SphereMode {
  /** Each row, such as a token's vector in a table [vocabulary, D]. */
  PER_ROW,
  /** Each column. */
  PER_COLUMN,
  /** Each matrix as one long vector. */
  WHOLE
}
