package io.manifoldmuon.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Memory of a device of a real TornadoVM, of which a process is given little; {@code
 * -Dmuon.test.device=0:0} chooses the device.
 */
@Tag("device")
class TornadoMemoryTest {
  /** Programs of two arrays of 4 MiB, input and result. */
  private static final int CYCLES = 12;

  @Test
  void closedProgramsLeaveNothingOnTheDevice() throws IOException, InterruptedException {
    ChosenDevice.get("0:0"); // or the test is skipped
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-Dtornado.device.memory=48MB");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(MemoryCycles.class.getName(), "" + CYCLES));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("ran " + (CYCLES + 1));
  }
}
