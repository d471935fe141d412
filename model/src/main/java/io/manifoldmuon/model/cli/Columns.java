package io.manifoldmuon.model.cli;

import java.util.ArrayList;
import java.util.List;

/** A table of text whose columns are as wide as they need; numbers stand to the right. */
final class Columns {
  private static final String GAP = "  ";

  private final List<String> head = new ArrayList<>();
  private final List<List<String>> rows = new ArrayList<>();
  private final int texts;

  /** A table that begins with columns of text. */
  Columns(String... textColumns) {
    head.addAll(List.of(textColumns));
    texts = textColumns.length;
  }

  /** Adds columns of numbers. */
  Columns numbers(String... columns) {
    head.addAll(List.of(columns));
    return this;
  }

  /** Adds a row; what goes beyond the columns is a remark at its end. */
  void row(List<String> cells) {
    rows.add(List.copyOf(cells));
  }

  /** The lines, the head first. */
  List<String> lines() {
    int[] widths = new int[head.size()];
    List<List<String>> all = new ArrayList<>(List.of(List.copyOf(head)));
    all.addAll(rows);
    for (List<String> row : all) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], length(row.get(i)));
      }
    }
    return all.stream().map(row -> line(row, widths)).toList();
  }

  private String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      String cell = row.get(i);
      String space = i < widths.length ? " ".repeat(widths[i] - length(cell)) : "";
      line.append(i == 0 ? "" : GAP).append(i < texts ? cell + space : space + cell);
    }
    return line.toString().stripTrailing();
  }

  /** Characters as they are shown, one place each. */
  private static int length(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
