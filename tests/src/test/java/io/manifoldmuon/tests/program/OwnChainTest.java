package io.manifoldmuon.tests.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of chains without the model: it runs on the emulator and stays on the manifold. */
class OwnChainTest {
  private static final Path EXAMPLE = Path.of("examples", "OwnChain.java");

  /** Sums of 24 products of elements below 1, at the ends of a chain that corrects itself. */
  private static final double RESIDUAL = 2e-6;

  @TempDir Path temp;

  @Test
  void runsOnTheEmulator() throws Exception {
    String classPath = System.getProperty("java.class.path");
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", classPath, "-d", temp.toString(), EXAMPLE.toString());
    assertThat(failed).isZero();
    List<String> command = new ArrayList<>(Java.command(List.of(), "OwnChain"));
    command.set(command.indexOf("-cp") + 1, temp + File.pathSeparator + classPath);
    command.add("emulator");
    List<String> out = Java.process(temp, command).requireSuccess();
    assertThat(out.getFirst()).startsWith("emulator: ").contains("in 1 task graphs");
    assertThat(out).as("the chain is one launch").anyMatch(line -> line.contains("matrixSteps"));
    assertThat(number(out, "chain: off the manifold by ")).isBetween(0.0, RESIDUAL);
    assertThat(number(out, "dual solve: off the manifold by ")).isBetween(0.0, RESIDUAL);
  }

  private static double number(List<String> out, String words) {
    List<String> lines = out.stream().filter(line -> line.startsWith(words)).toList();
    assertThat(lines).as(words).hasSize(1);
    return Double.parseDouble(lines.getFirst().substring(words.length()));
  }
}
