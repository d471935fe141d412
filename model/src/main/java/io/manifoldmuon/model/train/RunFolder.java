package io.manifoldmuon.model.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.manifoldmuon.model.config.RunConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The folder that a training run writes: {@code config.yaml}, {@code metrics.jsonl}, {@code
 * log.txt}, {@code checkpoint-N/}, {@code final/} and {@code report.html}.
 */
public final class RunFolder implements AutoCloseable {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

  private final Path path;
  private final ObjectMapper json = new ObjectMapper();
  private final Writer metrics;
  private final Writer log;

  private RunFolder(Path path, Writer metrics, Writer log) {
    this.path = path;
    this.metrics = metrics;
    this.log = log;
  }

  /** The default place of a run: {@code runs/<timestamp>-<name>}. */
  public static Path defaultPath(String name) {
    return Path.of("runs", LocalDateTime.now(ZoneId.systemDefault()).format(STAMP) + "-" + name);
  }

  /**
   * Checks, without writing anything, that a run can be written there.
   *
   * @throws OutputException if the folder is in use or cannot be written
   */
  public static void check(Path path) {
    if (Files.exists(path)) {
      if (!Files.isDirectory(path)) {
        throw new OutputException(
            "write " + path + ": it is a file, not a folder; choose another folder with --out");
      }
      refuseUsed(path);
    }
    Path above = path.toAbsolutePath().normalize();
    while (above != null && !Files.exists(above)) {
      above = above.getParent();
    }
    if (above == null || !Files.isDirectory(above) || !Files.isWritable(above)) {
      throw new OutputException(
          "write "
              + path
              + ": "
              + above
              + " is not a folder that can be written to; choose another"
              + " folder with --out");
    }
  }

  private static void refuseUsed(Path path) {
    try (Stream<Path> entries = Files.list(path)) {
      if (entries.findAny().isPresent()) {
        throw new OutputException(
            "write " + path + ": the folder is not empty; choose another with --out, or empty it");
      }
    } catch (IOException e) {
      throw OutputException.of(path, e);
    }
  }

  /**
   * Makes the folder with {@code config.yaml} and the empty logs.
   *
   * @throws OutputException if it is in use or cannot be written; nothing is left behind
   */
  static RunFolder create(Path path, RunConfig config) {
    check(path);
    boolean made = !Files.exists(path);
    try {
      Files.createDirectories(path);
      Files.writeString(path.resolve("config.yaml"), config.toYaml());
      return new RunFolder(
          path, appender(path.resolve("metrics.jsonl")), appender(path.resolve("log.txt")));
    } catch (IOException e) {
      remove(path, made);
      throw OutputException.of(path, e);
    }
  }

  private static void remove(Path path, boolean withFolder) {
    try {
      for (String name : new String[] {"config.yaml", "metrics.jsonl", "log.txt"}) {
        Files.deleteIfExists(path.resolve(name));
      }
      if (withFolder) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw OutputException.of(path, e);
    }
  }

  private static Writer appender(Path file) throws IOException {
    return Files.newBufferedWriter(
        file,
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.WRITE,
        StandardOpenOption.APPEND);
  }

  /** Where the run is written. */
  public Path path() {
    return path;
  }

  /** Appends a line to {@code metrics.jsonl}; it is in the file when this returns. */
  void metrics(StepMetrics step) {
    append(metrics, "metrics.jsonl", toJson(step));
  }

  private String toJson(StepMetrics step) {
    try {
      return json.writeValueAsString(step.fields());
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Appends a line with the time to {@code log.txt}. */
  void log(String line) {
    append(
        log,
        "log.txt",
        LocalDateTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS) + " " + line);
  }

  /** Appends an exception with its stack trace to {@code log.txt}. */
  void log(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    log(text.toString().stripTrailing());
  }

  private void append(Writer writer, String name, String line) {
    try {
      writer.write(line);
      writer.write('\n');
      writer.flush();
    } catch (IOException e) {
      throw OutputException.of(path.resolve(name), e);
    }
  }

  @Override
  public void close() {
    try (metrics;
        log) {
      metrics.flush();
      log.flush();
    } catch (IOException e) {
      throw OutputException.of(path, e);
    }
  }
}
