package io.manifoldmuon.model.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.manifoldmuon.model.format.FormatException;
import io.manifoldmuon.model.report.RunData.Sample;
import io.manifoldmuon.model.report.RunData.Session;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Reads the folder of a run that is over, was killed, or goes on. A last line that is not whole is
 * left out; other lines that are no JSON objects are passed over and counted.
 */
public final class RunReader {
  private static final long MOST_BYTES = 256L << 20;
  private static final int LONGEST_LINE = 1 << 20;
  private static final int LONGEST_SAMPLE = 20_000;

  private final Path folder;
  private final ObjectMapper json = new ObjectMapper();
  private final Map<String, Integer> unreadable = new LinkedHashMap<>();

  private RunReader(Path folder) {
    this.folder = folder;
  }

  /**
   * Reads a run.
   *
   * @throws FormatException if the folder is not a run's, or a file in it cannot be read
   */
  public static RunData read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new FormatException(folder, "no such folder, wanted the folder of a run");
    }
    if (!Files.isRegularFile(folder.resolve("metrics.jsonl"))) {
      throw new FormatException(
          folder, "not the folder of a run, it has no metrics.jsonl; give one that train wrote");
    }
    return new RunReader(folder).run();
  }

  private RunData run() {
    MetricTable metrics = new MetricTable();
    lines("metrics.jsonl", metrics::add);
    List<Sample> samples = new ArrayList<>();
    lines("samples.jsonl", line -> sample(samples, line));
    samples.removeIf(s -> s.step() > metrics.lastStep());
    List<Session> sessions = new ArrayList<>();
    lines("sessions.jsonl", line -> session(sessions, line));
    String yaml = text("config.yaml");
    return new RunData(
        folder, yaml, ConfigText.values(yaml), metrics, samples, sessions, unreadable);
  }

  private static void sample(List<Sample> samples, JsonNode line) {
    long step = line.path("step").longValue();
    samples.removeIf(s -> s.step() >= step); // a resumed run writes them anew
    samples.add(new Sample(step, cut(line.path("prompt")), cut(line.path("text"))));
  }

  private static String cut(JsonNode text) {
    String all = text.asText();
    return all.length() > LONGEST_SAMPLE ? all.substring(0, LONGEST_SAMPLE) + "…" : all;
  }

  private static void session(List<Session> sessions, JsonNode line) {
    if (line.has("ended") && !sessions.isEmpty()) {
      Session last = sessions.removeLast();
      sessions.add(last.ended(line.path("outcome").asText(), cut(line.path("problem"))));
    } else if (line.has("started")) {
      Map<String, String> environment = new LinkedHashMap<>();
      line.path("environment")
          .properties()
          .forEach(f -> environment.put(f.getKey(), f.getValue().asText()));
      JsonNode floor = line.path("floor");
      sessions.add(
          new Session(
              line.path("started").asText(),
              line.path("step").longValue(),
              line.path("command").asText(),
              environment,
              line.path("data").asText(),
              floor.isNumber() ? OptionalDouble.of(floor.doubleValue()) : OptionalDouble.empty(),
              line.path("parameters").longValue(),
              line.path("active_parameters").longValue(),
              FlatNumbers.of(line.path("flops")),
              "",
              ""));
    }
  }

  /** Hands over the objects of a file, if it is there. */
  private void lines(String name, Consumer<JsonNode> take) {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      return;
    }
    try (BufferedInputStream in = open(file)) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      boolean tooLong = false;
      for (int b = in.read(); b >= 0; b = in.read()) {
        if (b != '\n') {
          tooLong |= line.size() >= LONGEST_LINE;
          if (!tooLong) {
            line.write(b);
          }
        } else {
          JsonNode node = tooLong ? null : object(line.toString(StandardCharsets.UTF_8));
          if (node == null) {
            unreadable.merge(name, 1, Integer::sum);
          } else {
            take.accept(node);
          }
          line.reset();
          tooLong = false;
        }
      } // what has no end of line yet is being written, or was when the program was killed
    } catch (IOException e) {
      throw new FormatException(file, "cannot be read: " + e.getMessage(), e);
    }
  }

  /** The JSON object that a line is; null where it is none. */
  private JsonNode object(String line) {
    try {
      JsonNode node = json.readTree(line);
      return node != null && node.isObject() ? node : null;
    } catch (JsonProcessingException e) {
      return null; // counted
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // the callers close it
  private static BufferedInputStream open(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MOST_BYTES) {
      throw new FormatException(
          file, "has " + size + " bytes, wanted at most " + MOST_BYTES + " for a report");
    }
    return new BufferedInputStream(Files.newInputStream(file));
  }

  private String text(String name) {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      return "";
    }
    try (BufferedInputStream in = open(file)) {
      return new String(in.readNBytes(LONGEST_LINE), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new FormatException(file, "cannot be read: " + e.getMessage(), e);
    }
  }
}
