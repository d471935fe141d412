package io.manifoldmuon.emulator.graph;

import java.util.List;

/** A recorded movement, or not, of arrays between host, device and graphs. */
public sealed interface Transfer {
  /** The arrays that are meant, which are compared by identity. */
  List<Object> arrays();

  /** From host to device, in one of the modes of {@code DataTransferMode}. */
  record ToDevice(int mode, List<Object> arrays) implements Transfer {}

  /** From device to host, in one of the modes of {@code DataTransferMode}. */
  record ToHost(int mode, List<Object> arrays) implements Transfer {}

  /**
   * What this graph finds on the device, left there by {@code producer}, or by any graph if empty.
   */
  record Consume(String producer, List<Object> arrays) implements Transfer {}

  /** What this graph leaves on the device. */
  record Persist(List<Object> arrays) implements Transfer {}
}
