package io.manifoldmuon.emulator.graph;

import java.util.List;

/**
 * A recorded task: {@code kernel} is one of the interfaces of {@code TornadoFunctions}, with as
 * many parameters as there are arguments.
 */
public record Task(String id, Object kernel, List<Object> arguments) {
  /** Copies the list. */
  public Task {
    arguments = List.copyOf(arguments);
  }
}
