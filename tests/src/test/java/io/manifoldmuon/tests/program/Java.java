package io.manifoldmuon.tests.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Processes, Java ones with this JVM's class path. */
final class Java {
  private static final long MINUTES = 2;

  private Java() {}

  /** What a process left. */
  record Outcome(int code, List<String> out, List<String> err) {
    List<String> requireSuccess() {
      assertThat(code).as(err.toString()).isZero();
      return out;
    }
  }

  /** The words that start a main class. */
  static List<String> command(List<String> flags, String mainClass) {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(
        List.of(
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow"));
    words.addAll(flags);
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
    return words;
  }

  /** Runs a main class; its output goes through files in {@code folder}. */
  static Outcome run(Path folder, List<String> flags, String mainClass) throws Exception {
    return process(folder, command(flags, mainClass));
  }

  /**
   * Runs a command to its end.
   *
   * @throws IOException if there is no such command
   */
  static Outcome process(Path folder, List<String> words) throws Exception {
    Path out = folder.resolve("out.log");
    Path err = folder.resolve("err.log");
    Process process =
        new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try {
      assertThat(process.waitFor(MINUTES, TimeUnit.MINUTES)).as("ends in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Outcome(process.exitValue(), Files.readAllLines(out), Files.readAllLines(err));
  }
}
