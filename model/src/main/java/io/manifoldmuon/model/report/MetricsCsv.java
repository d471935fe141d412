package io.manifoldmuon.model.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The numbers of {@code metrics.jsonl} as comma-separated values, a row a logged step. */
final class MetricsCsv {
  private MetricsCsv() {}

  /** A head line and the rows; a value that a step lacks is empty. */
  static String text(MetricTable metrics) {
    List<String> names = new ArrayList<>(metrics.names());
    names.sort(Comparator.comparing((String n) -> !n.equals("step")).thenComparing(n -> n));
    StringBuilder csv =
        new StringBuilder(String.join(",", names.stream().map(MetricsCsv::quoted).toList()))
            .append('\n');
    for (Map<String, Double> row : metrics.rows()) {
      for (int i = 0; i < names.size(); i++) {
        Double x = row.get(names.get(i));
        csv.append(i == 0 ? "" : ",").append(x == null ? "" : number(x));
      }
      csv.append('\n');
    }
    return csv.toString();
  }

  private static String number(double x) {
    return x == Math.rint(x) && Math.abs(x) < 1e15 ? Long.toString((long) x) : Double.toString(x);
  }

  /** Names come from a file: they may hold anything. */
  private static String quoted(String name) {
    return name.matches("[\\w.-]+") ? name : '"' + name.replace("\"", "\"\"") + '"';
  }
}
