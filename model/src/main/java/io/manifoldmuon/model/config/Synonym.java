package io.manifoldmuon.model.config;

/** An enumeration of which configurations may spell a value in a second way. */
interface Synonym {
  /** The other spelling, which can be read but is never written; null where there is none. */
  String synonym();
}
