package io.manifoldmuon.model.config;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * Reads one value as the type that its key has. The key decides the type, never the look of the
 * text: {@code 0:1} and {@code no} are texts where a text is wanted, and errors where a number is.
 */
final class ValueText {
  private static final Pattern WHOLE = Pattern.compile("[-+]?\\d+(_\\d+)*");
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d+)?");

  private ValueText() {}

  /** The value of {@code node} for the key {@code leaf}. */
  static Object read(Schema.Leaf leaf, Node node) {
    if (!(node instanceof ScalarNode scalar)) {
      String kind = node instanceof MappingNode ? "a section" : "a list";
      throw new ConfigException(leaf.path() + " is " + kind + ", but it must be " + wanted(leaf));
    }
    String text = scalar.getValue();
    boolean isNull = scalar.isPlain() && isNull(text);
    if (isNull && leaf.nullable()) {
      return null;
    }
    Object value = isNull && leaf.type() != String.class ? null : parse(leaf.type(), scalar);
    if (value == null || isNull) {
      throw ConfigException.of(leaf.path(), text, mustBe(leaf, text));
    }
    return value;
  }

  /** Whether plain text means "no value". */
  static boolean isNull(String text) {
    return text.isEmpty() || text.equals("~") || text.equals("null");
  }

  /** The value, or null where the text is not one of that type. */
  private static Object parse(Class<?> type, ScalarNode scalar) {
    String text = scalar.getValue();
    if (type == String.class) {
      return text;
    }
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .filter(c -> isSpelled(c, text))
          .findFirst()
          .orElse(null);
    }
    if (!scalar.isPlain()) {
      return null;
    }
    return switch (type.getName()) {
      case "boolean" -> text.equals("true") ? Boolean.TRUE : text.equals("false") ? false : null;
      case "int", "java.lang.Integer" -> wholeOrNull(text, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case "long" -> wholeOrNull(text, Long.MIN_VALUE, Long.MAX_VALUE);
      case "double" -> numberOrNull(text);
      default -> throw new IllegalStateException("no reader for configuration type " + type);
    };
  }

  private static boolean isSpelled(Object constant, String text) {
    return constant.toString().equals(text)
        || (constant instanceof Synonym s && text.equals(s.synonym()));
  }

  private static Object wholeOrNull(String text, long min, long max) {
    if (text.length() > 40 || !WHOLE.matcher(text).matches()) {
      return null;
    }
    long value;
    try {
      value = Long.parseLong(text.replace("_", ""));
    } catch (NumberFormatException e) {
      return null;
    }
    if (value < min || value > max) {
      return null;
    }
    return max == Long.MAX_VALUE ? (Object) value : (Object) (int) value;
  }

  private static Double numberOrNull(String text) {
    if (text.length() > 400 || !NUMBER.matcher(text).matches()) {
      return null;
    }
    double value = Double.parseDouble(text);
    return Double.isFinite(value) ? value : null;
  }

  private static String mustBe(Schema.Leaf leaf, String text) {
    return leaf.type().isEnum() ? Require.choices(text, choices(leaf.type())) : wanted(leaf);
  }

  private static String wanted(Schema.Leaf leaf) {
    Class<?> type = leaf.type();
    String wanted =
        switch (type.getName()) {
          case "boolean" -> "true or false, without quotes";
          case "int", "java.lang.Integer" -> "a whole number from −2^31 to 2^31−1, without quotes";
          case "long" -> "a whole number from −2^63 to 2^63−1, without quotes";
          case "double" -> "a finite number such as 0.001 or 1e-3, without quotes";
          default -> type.isEnum() ? Require.choices(null, choices(type)) : "a text";
        };
    return leaf.nullable() ? wanted + ", or null" : wanted;
  }

  private static List<String> choices(Class<?> type) {
    return Arrays.stream(type.getEnumConstants()).map(Object::toString).toList();
  }
}
