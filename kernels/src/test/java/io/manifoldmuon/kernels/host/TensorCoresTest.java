package io.manifoldmuon.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** Tensor cores on the emulator. */
class TensorCoresTest extends TensorCoresContract {
  @Override
  TornadoDevice device() {
    assumeTrue(Runtimes.isEmulator(), "this build's TornadoVM is a real one, not the emulator");
    return Runtimes.devices().getFirst().device();
  }

  @ParameterizedTest
  @CsvSource({
    "CUDA 7.5, false",
    "CUDA 8.0, true",
    "CUDA 9.0, true",
    "CUDA 12.1, true",
    "CUDA 1.8, false",
    "unknown, false"
  })
  void capabilityDecides(String version, boolean wanted) {
    String info =
        "Device vendor    : x\nDevice version   : " + version + "\nDriver version   : 13.0\n";
    assertThat(TensorCores.areIn(info)).isEqualTo(wanted);
  }
}
