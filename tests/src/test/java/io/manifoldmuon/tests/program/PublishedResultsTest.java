package io.manifoldmuon.tests.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The results in the repository are what {@code experiment report} makes of their tables. */
class PublishedResultsTest {
  private static final Path RESULTS = Path.of("..", "docs", "results");
  private static final int LEAST_FOLDERS = 10;

  @TempDir Path temp;

  static List<Path> folders() throws IOException {
    try (Stream<Path> entries = Files.list(RESULTS)) {
      List<Path> folders = entries.filter(Files::isDirectory).sorted().toList();
      assertThat(folders).hasSizeGreaterThan(LEAST_FOLDERS);
      return folders;
    }
  }

  @ParameterizedTest
  @MethodSource("folders")
  void textTablesAndDrawingsAreThoseOfTheReport(Path folder) throws IOException {
    Muon.Outcome report =
        Muon.run("experiment", "report", folder.toString(), "--out", temp.toString());
    assertThat(report.code()).as(report.err()).isZero();
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(p -> p.toString().matches(".*\\.(yaml|csv|md|svg)")).toList();
    }
    assertThat(files).contains(folder.resolve("results.md"));
    for (Path file : files) {
      assertThat(temp.resolve(folder.relativize(file)))
          .as(file.toString())
          .hasSameTextualContentAs(file);
    }
  }
}
