package io.manifoldmuon.model.config;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * A section of a YAML document that is no configuration of a run, such as the definition of an
 * experiment. Whoever reads it says which keys it may have; all others are errors that name the
 * nearest. The same limits hold as for configurations: no tags, no objects, every value is a text
 * until its key gives it a type.
 */
public final class YamlSection {
  private final String path;
  private final String origin;
  private final Node node;
  private final Map<String, Node> children;
  private final Map<String, Node> keyNodes;

  private YamlSection(String path, String origin, Node node) {
    this.path = path;
    this.origin = origin;
    this.node = node;
    this.children = new LinkedHashMap<>();
    this.keyNodes = new LinkedHashMap<>();
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
          throw new ConfigException(
              "a key must be one word (" + place(origin, tuple.getKeyNode()) + ")");
        }
        if (children.put(key.getValue(), tuple.getValueNode()) != null) {
          throw new ConfigException(
              pathOf(key.getValue()) + " is given twice, remove one (" + place(origin, key) + ")");
        }
        keyNodes.put(key.getValue(), key);
      }
    } else if (!isNull(node)) {
      throw new ConfigException(
          (path.isEmpty() ? "the document" : path)
              + " must be a section of keys and values ("
              + place(origin, node)
              + ")");
    }
  }

  /** The whole document in a file: UTF-8, at most 256 KiB. */
  public static YamlSection read(Path file) {
    return parse(YamlText.readFile(file), file.toString());
  }

  /** The whole document in a text; {@code origin} names it in messages. */
  public static YamlSection parse(String text, String origin) {
    return new YamlSection("", origin, YamlText.parse(text, origin));
  }

  /** Maps, lists, texts and numbers as YAML. */
  public static String write(Map<String, ?> tree) {
    DumperOptions dumping = new DumperOptions();
    dumping.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    dumping.setSplitLines(false);
    return new Yaml(dumping).dump(tree);
  }

  // ---- what is there ------------------------------------------------------------------------

  /** The keys, in order. */
  public List<String> keys() {
    return List.copyOf(children.keySet());
  }

  /** Whether a key has a value other than null. */
  public boolean has(String key) {
    return children.containsKey(key) && !isNull(children.get(key));
  }

  /**
   * This section, if it has no keys but these.
   *
   * @throws ConfigException naming the first other one and the nearest of these
   */
  public YamlSection allow(String... known) {
    for (String key : children.keySet()) {
      requireKnown(key, Arrays.asList(known), keyNodes.get(key));
    }
    return this;
  }

  private void requireKnown(String key, Collection<String> known, Node at) {
    if (!known.contains(key)) {
      throw new ConfigException(
          "unknown key "
              + Excerpt.of(pathOf(key))
              + NearestName.of(key, known)
                  .map(name -> ", did you mean " + pathOf(name) + "?")
                  .orElse(";")
              + " Allowed "
              + (path.isEmpty() ? "at the top" : "in " + path)
              + ": "
              + String.join(", ", known)
              + " ("
              + place(origin, at)
              + ")");
    }
  }

  // ---- values -------------------------------------------------------------------------------

  /** The section below a key; one without keys where it is not there. */
  public YamlSection section(String key) {
    return new YamlSection(pathOf(key), origin, children.get(key));
  }

  /** A text, if the key is there. */
  public Optional<String> text(String key) {
    return has(key) ? Optional.of(scalar(key, children.get(key))) : Optional.empty();
  }

  /** A text that must be there; {@code what} says of what. */
  public String requireText(String key, String what) {
    return text(key)
        .filter(t -> !t.isBlank())
        .orElseThrow(() -> problem(key, "is missing, wanted " + what));
  }

  /** A whole number. */
  public long whole(String key, long least, long otherwise) {
    return text(key).map(t -> whole(key, t, least)).orElse(otherwise);
  }

  /** The texts of a list, none where the key is not there. */
  public List<String> texts(String key) {
    if (!has(key)) {
      return List.of();
    }
    if (!(children.get(key) instanceof SequenceNode list)) {
      throw problem(key, "must be a list, such as [a, b]");
    }
    return list.getValue().stream().map(n -> flat(key, n)).toList();
  }

  /** Whether a key has a list. */
  public boolean isList(String key) {
    return children.get(key) instanceof SequenceNode;
  }

  /** The whole numbers of a list. */
  public List<Long> wholes(String key, long least) {
    return texts(key).stream().map(t -> whole(key, t, least)).toList();
  }

  /** A number. */
  public Optional<Double> number(String key) {
    return text(key)
        .map(
            t -> {
              try {
                return Double.valueOf(t);
              } catch (NumberFormatException e) {
                throw problem(key, "is " + Excerpt.of(t) + ", but it must be a number");
              }
            });
  }

  /** Yes or no, false where it is not there. */
  public boolean flag(String key) {
    String text = text(key).orElse("false");
    if (!text.equals("true") && !text.equals("false")) {
      throw problem(key, "is " + Excerpt.of(text) + ", but it must be true or false");
    }
    return text.equals("true");
  }

  /**
   * Every value of this section and its subsections under its dotted key, as {@code --set} would
   * have it.
   */
  public Map<String, String> settings() {
    Map<String, String> all = new LinkedHashMap<>();
    children.forEach(
        (key, value) -> {
          if (value instanceof MappingNode) {
            section(key).settings().forEach((inner, text) -> all.put(key + "." + inner, text));
          } else {
            all.put(key, flat(key, value));
          }
        });
    return all;
  }

  private String flat(String key, Node value) {
    return value instanceof SequenceNode list
        ? list.getValue().stream()
            .map(n -> flat(key, n))
            .collect(Collectors.joining(", ", "[", "]"))
        : isNull(value) ? "null" : scalar(key, value);
  }

  private String scalar(String key, Node value) {
    if (!(value instanceof ScalarNode scalar)) {
      throw problem(key, "must be one value");
    }
    return scalar.getValue();
  }

  private long whole(String key, String text, long least) {
    try {
      long value = Long.parseLong(text.replace("_", ""));
      if (value >= least) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below, as numbers that are too small are.
    }
    throw problem(
        key, "is " + Excerpt.of(text) + ", but it must be a whole number of at least " + least);
  }

  // ---- messages -----------------------------------------------------------------------------

  /** A problem with a key, with the line it is on; {@code sentence} goes on after the key. */
  public ConfigException problem(String key, String sentence) {
    Node at = keyNodes.getOrDefault(key, node);
    return new ConfigException(pathOf(key) + " " + sentence + " (" + place(origin, at) + ")");
  }

  /** Where a key stands, for messages. */
  public String place(String key) {
    return place(origin, keyNodes.getOrDefault(key, node));
  }

  private String pathOf(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static boolean isNull(Node node) {
    return node == null
        || (node instanceof ScalarNode s && s.isPlain() && ValueText.isNull(s.getValue()));
  }

  private static String place(String origin, Node at) {
    return at == null || at.getStartMark() == null
        ? origin
        : origin + " line " + (at.getStartMark().getLine() + 1);
  }
}
