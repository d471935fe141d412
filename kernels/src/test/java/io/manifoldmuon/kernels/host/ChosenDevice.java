package io.manifoldmuon.kernels.host;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** The device of a real TornadoVM that {@code -Dmuon.test.device=0:0} chooses. */
final class ChosenDevice {
  private ChosenDevice() {}

  /**
   * The device; the test is skipped where there is no TornadoVM, or none is chosen.
   *
   * @param otherwise the device where the property is not set, or nothing
   */
  static TornadoDevice get(String otherwise) {
    assumeTrue(
        !Runtimes.isEmulator(), "no TornadoVM here: the emulator's classes stand in its place");
    String id = System.getProperty("muon.test.device", otherwise);
    assumeTrue(
        !id.isEmpty(), "no device named: -Dmuon.test.device=0:0 runs thousands of kernels on it");
    return Runtimes.devices().stream()
        .filter(d -> d.id().equals(id))
        .findFirst()
        .orElseThrow()
        .device();
  }
}
