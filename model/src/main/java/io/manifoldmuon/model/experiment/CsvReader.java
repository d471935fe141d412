package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.format.FormatException;
import io.manifoldmuon.model.report.MetricTable;
import io.manifoldmuon.model.report.RunData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Reads back what {@link CsvTables} wrote of runs: enough for every table, and for curves at the
 * validations.
 */
final class CsvReader {
  private static final List<String> WORDS =
      List.of(
          "run",
          "phase",
          "case",
          "arm",
          "settings",
          "seed",
          "diverged",
          "identity",
          "data",
          "engine");

  private final Path folder;
  private final Map<String, List<Map<String, Double>>> curves = new LinkedHashMap<>();

  private CsvReader(Path folder) {
    this.folder = folder;
  }

  /**
   * A run as the table has it.
   *
   * @param name of its folder
   */
  record Row(String name, Outcome outcome, RunData data, Measures measures) {}

  /** The runs in a folder's tables; none where there are no tables. */
  static List<Row> read(Path folder) {
    if (!Files.isRegularFile(folder.resolve(CsvTables.RUNS))
        || !Files.isRegularFile(folder.resolve(CsvTables.CURVES))) {
      return List.of();
    }
    return new CsvReader(folder).rows();
  }

  private List<Row> rows() {
    for (Map<String, String> line : table(CsvTables.CURVES)) {
      Map<String, Double> numbers = numbers(line);
      numbers.values().removeIf(x -> x.isNaN());
      if (!numbers.containsKey("step")) {
        throw new FormatException(folder.resolve(CsvTables.CURVES), "has a line without a step");
      }
      curves.computeIfAbsent(line.get("run"), _ -> new ArrayList<>()).add(numbers);
    }
    List<Row> rows = new ArrayList<>();
    for (Map<String, String> line : table(CsvTables.RUNS)) {
      String name = line.getOrDefault("run", "");
      Outcome outcome =
          new Outcome(
              name,
              "true".equals(line.get("diverged")),
              line.getOrDefault("identity", ""),
              line.getOrDefault("data", ""),
              "");
      rows.add(new Row(name, outcome, data(name, line), new Measures(numbers(line))));
    }
    return rows;
  }

  private RunData data(String name, Map<String, String> line) {
    var session =
        new RunData.Session(
            "",
            0,
            "",
            Map.of("Engine", line.getOrDefault("engine", "")),
            "",
            OptionalDouble.empty(),
            0,
            0,
            Map.of(),
            "",
            "");
    return new RunData(
        folder.resolve(name),
        "",
        Map.of(),
        MetricTable.of(curves.getOrDefault(name, List.of())),
        List.of(),
        List.of(session),
        Map.of());
  }

  private Map<String, Double> numbers(Map<String, String> line) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    line.forEach(
        (head, cell) -> {
          if (!WORDS.contains(head)) {
            numbers.put(head, number(cell));
          }
        });
    return numbers;
  }

  private double number(String cell) {
    try {
      return cell.isEmpty() ? Double.NaN : Double.parseDouble(cell);
    } catch (NumberFormatException e) {
      throw new FormatException(folder, "a table has '" + cell + "' where a number is to be", e);
    }
  }

  // ---- comma-separated values ---------------------------------------------------------------

  private List<Map<String, String>> table(String name) {
    Path file = folder.resolve(name);
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new FormatException(file, "cannot be read: " + e.getMessage(), e);
    }
    List<Map<String, String>> rows = new ArrayList<>();
    List<String> heads = lines.isEmpty() ? List.of() : cells(lines.getFirst());
    for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
      List<String> cells = cells(line);
      if (cells.size() != heads.size()) {
        throw new FormatException(
            file, "has a line of " + cells.size() + " cells, wanted " + heads.size());
      }
      Map<String, String> row = new LinkedHashMap<>();
      for (int i = 0; i < heads.size(); i++) {
        row.put(heads.get(i), cells.get(i));
      }
      rows.add(row);
    }
    return rows;
  }

  /** The cells of a line; those in quotes may have commas, and two quotes for one. */
  static List<String> cells(String line) {
    List<String> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"' && quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
        cell.append(c);
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        cells.add(cell.toString());
        cell.setLength(0);
      } else {
        cell.append(c);
      }
    }
    cells.add(cell.toString());
    return cells;
  }
}
