package io.manifoldmuon.tests.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.manifoldmuon.tests.program.Java.Outcome;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of a kernel: what the README says of it is so. */
class OwnKernelTest {
  private static final Path EXAMPLE = Path.of("examples", "OwnKernel.java");

  @TempDir Path temp;

  /** The rows have unit length up to rounding: {@code √1000} float32 additions, with a margin. */
  private static void checkOutput(List<String> out, String device) {
    assertThat(out).hasSize(2);
    assertThat(out.get(0)).startsWith("ran on ").contains(device);
    String words = "off the sphere by ";
    assertThat(out.get(1)).startsWith(words);
    assertThat(Double.parseDouble(out.get(1).substring(words.length()))).isBetween(0.0, 2e-6);
  }

  /** The command that runs the example, or another text of it, compiled into a folder. */
  private List<String> command(List<String> flags, Path source) {
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-g",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                temp.toString(),
                source.toString());
    assertThat(failed).isZero();
    List<String> command = new ArrayList<>(Java.command(flags, "OwnKernel"));
    int at = command.indexOf("-cp") + 1;
    command.set(at, temp + File.pathSeparator + command.get(at));
    return command;
  }

  @Test
  void runsOnTheEmulator() throws Exception {
    checkOutput(Java.process(temp, command(List.of(), EXAMPLE)).requireSuccess(), "emulator");
  }

  @Test
  void withoutABarrierTheEmulatorSaysSo() throws Exception {
    String barrier = "    context.localBarrier();\n";
    String text = Files.readString(EXAMPLE);
    int first = text.indexOf("  " + barrier);
    Path broken = temp.resolve("OwnKernel.java");
    Files.writeString(
        broken, text.substring(0, first) + text.substring(first + 2 + barrier.length()));
    Outcome run = Java.process(temp, command(List.of(), broken));
    assertThat(run.code()).isEqualTo(1);
    assertThat(String.join("\n", run.err()))
        .contains(
            "sphere.rows (OwnKernel.normalizeRows, OwnKernel.java:",
            "work-item [0, 0, 0]",
            "reads element 32 of a local array",
            "a localBarrier is missing");
  }

  @Test
  void runsOnTornadoVm() throws Exception {
    String sdk = System.getenv("TORNADOVM_HOME");
    assumeTrue(sdk != null && !sdk.isEmpty(), "TORNADOVM_HOME is not set: there is no TornadoVM");
    String script = Path.of("..", "tornado-config", "arguments").toString();
    List<String> lines = Java.process(temp, List.of("sh", script, sdk)).requireSuccess();
    Path arguments = Files.write(temp.resolve("tornado.arguments"), lines);
    List<String> command = command(List.of("@" + arguments), EXAMPLE);
    int at = command.indexOf("-cp") + 1;
    command.set(at, withoutEmulator(command.get(at)));
    checkOutput(Java.process(temp, command).requireSuccess(), "");
  }

  private static String withoutEmulator(String classPath) {
    return Arrays.stream(classPath.split(File.pathSeparator))
        .filter(entry -> !entry.contains("tornado-emulator"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Test
  void theReadmeShowsIt() throws Exception {
    String kernel = Files.readString(EXAMPLE);
    int start = kernel.indexOf("  public static void normalizeRows");
    String shown = kernel.substring(start, kernel.indexOf("\n  }\n", start) + 4);
    assertThat(Files.readString(Path.of("..", "README.md")))
        .contains(
            shown
                .lines()
                .map(l -> l.substring(Math.min(2, l.length())))
                .collect(Collectors.joining("\n")));
  }
}
