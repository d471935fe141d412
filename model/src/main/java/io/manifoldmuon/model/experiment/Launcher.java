package io.manifoldmuon.model.experiment;

import java.util.List;

/** Knows how this program is started anew. */
@FunctionalInterface
public interface Launcher {
  /** The words that start the program with these arguments. */
  List<String> command(List<String> arguments);
}
