package io.manifoldmuon.tests.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of the library: a program outside of this project that steps its own arrays. */
class LibraryExampleTest {
  private static final Path EXAMPLE = Path.of("examples", "OwnArrays.java");
  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @TempDir Path temp;

  /** It compiles against the library alone and does what it says. */
  @Test
  void compilesAndRuns() throws Exception {
    String classPath = libraryClassPath();
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", classPath, "-d", temp.toString(), EXAMPLE.toString());
    assertThat(compiled).isZero();

    List<String> command = new ArrayList<>(Java.command(List.of(), "OwnArrays"));
    command.set(command.indexOf("-cp") + 1, temp + File.pathSeparator + classPath);
    List<String> out = Java.process(temp, command).requireSuccess();
    assertThat(out).hasSize(2);
    assertThat(number(out.get(0), "off the manifold by ")).isBetween(0.0, 2e-6);
    assertThat(number(out.get(1), "off the minimum by ")).isBetween(0.0, 1e-2);
  }

  private static double number(String line, String words) {
    assertThat(line).startsWith(words);
    return Double.parseDouble(line.substring(words.length()));
  }

  /** The class path without the language model. */
  private static String libraryClassPath() {
    List<String> all = List.of(System.getProperty("java.class.path").split(File.pathSeparator));
    List<String> library =
        all.stream()
            .filter(entry -> !entry.contains(File.separator + "model" + File.separator))
            .filter(entry -> !entry.contains("manifold-muon-model"))
            .toList();
    assertThat(all.size()).isGreaterThan(library.size());
    return String.join(File.pathSeparator, library);
  }

  /** The ten lines of the README stand in the example as they are, comments aside. */
  @Test
  void theReadmeShowsIt() throws Exception {
    String readme = Files.readString(Path.of("..", "README.md"), StandardCharsets.UTF_8);
    String example = Files.readString(EXAMPLE, StandardCharsets.UTF_8);
    Matcher blocks = JAVA_BLOCK.matcher(readme);
    List<String> shown = new ArrayList<>();
    while (blocks.find()) {
      if (blocks.group(1).contains("OptimizerSession")) {
        shown.add(blocks.group(1));
      }
    }
    assertThat(shown).hasSize(1);
    assertThat(shown.getFirst().lines()).hasSizeLessThanOrEqualTo(10);
    assertThat(code(example)).contains(code(shown.getFirst()));
  }

  private static String code(String text) {
    return Arrays.stream(text.split("\n"))
        .map(line -> line.replaceFirst("\\s*//.*", "").strip())
        .collect(Collectors.joining("\n"));
  }
}
