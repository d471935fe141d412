package io.manifoldmuon.model.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.format.FormatException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The folder that a training run writes: {@code config.yaml}, {@code metrics.jsonl}, {@code
 * log.txt}, {@code checkpoint-N/}, {@code final/} and {@code report.html}.
 */
public final class RunFolder implements AutoCloseable {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

  static final String CONFIG = "config.yaml";

  private static final String METRICS = "metrics.jsonl";
  private static final String LOG = "log.txt";
  private static final int LONGEST_LINE = 1 << 20;

  private final Path path;
  private final RunLock lock;
  private final ObjectMapper json = new ObjectMapper();
  private final FileChannel metrics;
  private final Writer log;

  private RunFolder(Path path, RunLock lock, FileChannel metrics, Writer log) {
    this.path = path;
    this.lock = lock;
    this.metrics = metrics;
    this.log = log;
  }

  /**
   * The default place of a run, {@code runs/<timestamp>-<name>}, with a number behind it where that
   * exists: two runs may begin in one second, and clocks are set back.
   */
  public static Path defaultPath(String name) {
    String stamp = LocalDateTime.now(ZoneId.systemDefault()).format(STAMP);
    return free(Path.of("runs", stamp + "-" + name));
  }

  static Path free(Path wanted) {
    Path path = wanted;
    for (int i = 2; Files.exists(path); i++) {
      path = wanted.resolveSibling(wanted.getFileName() + "-" + i);
    }
    return path;
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

  /**
   * Refuses a folder that a process trains in.
   *
   * @throws OutputException naming the process
   */
  public static void refuseInUse(Path path) {
    RunLock.refuseHeld(path);
  }

  private static void refuseUsed(Path path) {
    RunLock.refuseHeld(path);
    try (Stream<Path> entries = Files.list(path)) {
      List<String> names = entries.map(p -> p.getFileName().toString()).toList();
      if (names.contains(CONFIG) && names.contains(RunLock.NAME)) {
        throw new OutputException(
            "write "
                + path
                + ": the folder is not empty, it holds a run; go on with that by `muon resume`, or"
                + " choose another folder with --out");
      }
      if (!names.stream().allMatch(RunFolder::isLeftOver)) {
        throw new OutputException(
            "write " + path + ": the folder is not empty; choose another with --out, or empty it");
      }
    } catch (IOException e) {
      throw OutputException.of(path, e);
    }
  }

  /** Whether a file may stay from a run that was killed before it had begun. */
  private static boolean isLeftOver(String name) {
    return name.equals(RunLock.NAME) || (name.startsWith("." + CONFIG) && name.endsWith(".part"));
  }

  /**
   * Makes the folder with {@code config.yaml} and the empty logs, and locks it.
   *
   * @throws OutputException if it is in use or cannot be written; nothing is left behind
   */
  static RunFolder create(Path path, RunConfig config) {
    check(path);
    boolean made = !Files.exists(path);
    RunLock lock = null;
    boolean done = false;
    try {
      Files.createDirectories(path);
      lock = RunLock.of(path);
      new Checkpoints(path).removeLeftOvers();
      writeConfig(path, config); // first: where it is, there is a run to go on with
      RunFolder run = open(path, lock, 0);
      done = true;
      return run;
    } catch (IOException e) {
      throw OutputException.of(path, e);
    } finally {
      if (!done && lock != null) {
        lock.close();
        remove(path, made);
      }
    }
  }

  /**
   * Opens the folder of a run that goes on.
   *
   * @param lock of the folder; closed with the run
   * @param metricsBytes the length that {@code metrics.jsonl} had where the run goes on: what came
   *     after it will come again
   */
  static RunFolder reopen(Path path, RunLock lock, long metricsBytes, RunConfig config) {
    try {
      writeConfig(path, config);
      RunFolder run = open(path, lock, metricsBytes);
      if (run.metrics.size() != metricsBytes) {
        run.log(
            METRICS
                + " has whole lines of "
                + run.metrics.size()
                + " bytes only, the checkpoint knows of "
                + metricsBytes);
      }
      return run;
    } catch (IOException e) {
      throw OutputException.of(path, e);
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // the object closes it
  private static RunFolder open(Path path, RunLock lock, long metricsBytes) throws IOException {
    FileChannel metrics =
        FileChannel.open(
            path.resolve(METRICS),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    cut(path, metrics, metricsBytes);
    OutputStream log =
        Files.newOutputStream(
            path.resolve(LOG),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.APPEND);
    // this writer replaces what is no text, such as half a character in a message
    return new RunFolder(
        path,
        lock,
        metrics,
        new BufferedWriter(new OutputStreamWriter(log, StandardCharsets.UTF_8)));
  }

  /** Shortens the metrics to whole lines of at most so many bytes, and goes to their end. */
  private static void cut(Path path, FileChannel metrics, long bytes) throws IOException {
    long end = Math.min(bytes, metrics.size());
    long least = Math.max(0, end - LONGEST_LINE);
    ByteBuffer last = ByteBuffer.allocate(1);
    while (end > least && metrics.read(last.clear(), end - 1) == 1 && last.get(0) != '\n') {
      end--;
    }
    if (end == least && least > 0) {
      throw new FormatException(
          path.resolve(METRICS),
          "a line of more than " + LONGEST_LINE + " bytes, wanted those of a run; move it away");
    }
    metrics.truncate(end);
    metrics.position(end);
  }

  private static void remove(Path path, boolean withFolder) {
    try {
      for (String name : new String[] {CONFIG, METRICS, LOG, RunLock.NAME}) {
        Files.deleteIfExists(path.resolve(name));
      }
      if (withFolder) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw OutputException.of(path, e);
    }
  }

  private static void writeConfig(Path path, RunConfig config) {
    ByteBuffer text = ByteBuffer.wrap(config.toYaml().getBytes(StandardCharsets.UTF_8));
    AtomicFolder.writeFile(path.resolve(CONFIG), file -> writeFully(file, text));
  }

  private static void writeFully(FileChannel file, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  /** Where the run is written. */
  public Path path() {
    return path;
  }

  /** Appends a line to {@code metrics.jsonl}; it is in the file when this returns. */
  void metrics(StepMetrics step) {
    byte[] line = (toJson(step) + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      writeFully(metrics, ByteBuffer.wrap(line));
    } catch (IOException e) {
      throw OutputException.of(path.resolve(METRICS), e);
    }
  }

  /** Forces the metrics to the disk and gives their length, for a checkpoint to hold. */
  long metricsBytes() {
    try {
      metrics.force(false);
      return metrics.size();
    } catch (IOException e) {
      throw OutputException.of(path.resolve(METRICS), e);
    }
  }

  private String toJson(StepMetrics step) {
    try {
      return json.writeValueAsString(step.fields());
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Appends a line with the time to {@code log.txt}. */
  void log(String line) {
    LocalDateTime now = LocalDateTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS);
    try {
      log.write(now + " " + line + "\n");
      log.flush();
    } catch (IOException e) {
      throw OutputException.of(path.resolve(LOG), e);
    }
  }

  /** Appends an exception with its stack trace to {@code log.txt}. */
  void log(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    log(text.toString().stripTrailing());
  }

  @Override
  public void close() {
    try (lock;
        metrics;
        log) {
      log.flush();
    } catch (IOException e) {
      throw OutputException.of(path, e);
    }
  }
}
