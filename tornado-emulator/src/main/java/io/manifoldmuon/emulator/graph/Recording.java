package io.manifoldmuon.emulator.graph;

import java.util.List;

/** A finished task graph. */
public record Recording(String name, List<Task> tasks, List<Transfer> transfers) {
  /** Copies the lists. */
  public Recording {
    tasks = List.copyOf(tasks);
    transfers = List.copyOf(transfers);
  }
}
