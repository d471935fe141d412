package io.manifoldmuon.model.cli;

import picocli.CommandLine.Option;

/** What the commands that train have in common beside the configuration. */
final class TrainingOptions {
  @Option(
      names = "--tensorboard",
      description = "Write event files for TensorBoard into the folder tensorboard of the run.")
  private boolean tensorBoard;

  @Option(
      names = "--json",
      description = "Print the result as one line of JSON; messages go to the error stream.")
  private boolean json;

  /** Training that prints as the options say. */
  Training on(Terminal terminal) {
    return new Training(terminal, json, tensorBoard);
  }

  /** Whether the result is to be one line of JSON. */
  boolean json() {
    return json;
  }
}
