package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.config.RunConfig;

/** Knows the text that a configuration names. */
@FunctionalInterface
public interface TextHash {
  /** The hash of its tokens, as the checkpoints of runs have it. */
  String of(RunConfig config);
}
