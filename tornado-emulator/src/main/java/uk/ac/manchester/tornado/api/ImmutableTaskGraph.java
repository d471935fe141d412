package uk.ac.manchester.tornado.api;

import io.manifoldmuon.emulator.graph.Recording;

/** A task graph that no longer changes. */
public class ImmutableTaskGraph {
  private final Recording recording;

  ImmutableTaskGraph(Recording recording) {
    this.recording = recording;
  }

  Recording recording() {
    return recording;
  }
}
