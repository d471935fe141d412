package io.manifoldmuon.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Figures as JSON. */
final class JsonText {
  private JsonText() {}

  /** An object on one line. */
  static String line(Map<String, ?> fields) {
    try {
      return new ObjectMapper().writeValueAsString(fields);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes figures and what they were taken with as one document.
   *
   * @param command that took them, for the message
   * @throws BenchException if it cannot be written
   */
  static void write(Path file, String command, Facts facts, List<Map<String, Object>> results) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("environment", facts.fields());
    document.put("results", results);
    try {
      Files.writeString(file, line(document) + System.lineSeparator());
    } catch (IOException e) {
      throw new BenchException(command + ": cannot write " + file + ": " + e.getMessage(), e);
    }
  }
}
