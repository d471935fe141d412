package io.manifoldmuon.model.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.manifoldmuon.model.format.AtomicFile;
import io.manifoldmuon.model.format.FormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * That a run is over, and how: {@code outcome.json} in its folder, written when nothing is left to
 * do for it.
 *
 * @param task what it was, by {@link Task#folder()}
 * @param diverged whether its loss or gradient stopped being a number
 * @param identity a hash of what decided its result, see {@link Plan#identity}
 * @param data a hash of the text; empty where it is not known, as of runs that diverged
 * @param message of a run that diverged
 */
record Outcome(String task, boolean diverged, String identity, String data, String message) {
  static final String FILE = "outcome.json";

  /** That of a run's folder, null where it is not over. */
  static Outcome read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try {
      JsonNode json = new ObjectMapper().readTree(file.toFile());
      if (!json.path("task").isTextual() || !json.path("diverged").isBoolean()) {
        throw new FormatException(file, "is not how an experiment's run ended, move it away");
      }
      return new Outcome(
          json.path("task").textValue(),
          json.path("diverged").booleanValue(),
          json.path("identity").asText(),
          json.path("data").asText(),
          json.path("message").asText());
    } catch (IOException e) {
      throw new FormatException(file, "cannot be read: " + e.getMessage(), e);
    }
  }

  /** Writes it, whole or not at all. */
  void write(Path folder) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("task", task);
    fields.put("diverged", diverged);
    fields.put("identity", identity);
    fields.put("data", data);
    fields.put("message", message);
    try {
      AtomicFile.write(folder.resolve(FILE), new ObjectMapper().writeValueAsString(fields) + "\n");
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
