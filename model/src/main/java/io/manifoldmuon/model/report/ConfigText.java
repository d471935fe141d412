package io.manifoldmuon.model.report;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The {@code config.yaml} that a run wrote, as flat names: blocks are told by their indentation.
 */
final class ConfigText {
  private ConfigText() {}

  private record Block(int indent, String name) {}

  /** Names such as {@code model.d_model} and what stands behind them, in order. */
  static Map<String, String> values(String yaml) {
    Map<String, String> values = new LinkedHashMap<>();
    Deque<Block> blocks = new ArrayDeque<>();
    for (String line : yaml.split("\n")) {
      String text = line.strip();
      int colon = text.indexOf(':');
      if (colon <= 0 || text.startsWith("#")) {
        continue;
      }
      int indent = line.indexOf(text);
      while (!blocks.isEmpty() && blocks.peek().indent >= indent) {
        blocks.pop();
      }
      String name =
          (blocks.isEmpty() ? "" : blocks.peek().name + ".") + text.substring(0, colon).strip();
      String value = text.substring(colon + 1).strip();
      if (value.isEmpty()) {
        blocks.push(new Block(indent, name));
      } else {
        values.put(name, value);
      }
    }
    return values;
  }
}
