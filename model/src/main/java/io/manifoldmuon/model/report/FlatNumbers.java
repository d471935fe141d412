package io.manifoldmuon.model.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The numbers in a JSON object under the paths that lead to them, {@code groups.router.dual_gap}.
 */
public final class FlatNumbers {
  private static final int MOST = 100_000;

  private FlatNumbers() {}

  /** All numbers, NaN and infinities as Jackson writes them included; other values are left out. */
  public static Map<String, Double> of(JsonNode object) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    add("", object, numbers);
    return numbers;
  }

  private static void add(String name, JsonNode node, Map<String, Double> numbers) {
    if (node.isNumber()) {
      numbers.put(name, node.doubleValue());
    } else if (node.isTextual() && node.textValue().matches("NaN|-?Infinity")) {
      numbers.put(name, Double.valueOf(node.textValue()));
    } else if (numbers.size() < MOST) {
      String before = name.isEmpty() ? "" : name + ".";
      if (node.isObject()) {
        node.properties().forEach(f -> add(before + f.getKey(), f.getValue(), numbers));
      } else if (node.isArray()) {
        for (int i = 0; i < node.size(); i++) {
          add(before + i, node.get(i), numbers);
        }
      }
    }
  }
}
