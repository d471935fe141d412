package io.manifoldmuon.model.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Reads a parsed document, or one assignment, against the schema into a {@link Layer}. */
final class LayerReader {
  private final Schema.Section root;
  private final String origin;
  private final Layer layer;

  /**
   * A reader that adds to {@code layer}.
   *
   * @param origin for messages; a line number is appended where there is one
   */
  LayerReader(Schema.Section root, String origin, Layer layer) {
    this.root = root;
    this.origin = origin;
    this.layer = layer;
  }

  /** Reads a whole document; null is an empty one. */
  void document(Node document) {
    if (document != null) {
      section(root, document);
    }
  }

  /** Reads one value for a dotted key: {@code literal} text is that text and never null. */
  void assignment(String path, String text, boolean literal) {
    Schema.Section section = root;
    String[] keys = path.split("\\.", -1);
    for (int i = 0; i < keys.length - 1; i++) {
      section =
          switch (child(section, keys[i], origin)) {
            case Schema.Section inner -> inner;
            case Schema.Leaf leaf ->
                throw new ConfigException(
                    leaf.path()
                        + " is one value and has no key "
                        + Excerpt.of(keys[i + 1])
                        + " ("
                        + origin
                        + ")");
          };
    }
    String key = section.canonical(keys[keys.length - 1]);
    Node node =
        switch (section.children().get(key)) {
          case Schema.Leaf leaf when literal && leaf.type() == String.class ->
              YamlText.quoted(text);
          case Schema.Leaf leaf -> YamlText.plain(text);
          case null, default -> YamlText.parse(text, origin);
        };
    entry(section, key, node, origin);
  }

  private void section(Schema.Section section, Node node) {
    if (isNull(node)) {
      return;
    }
    if (!(node instanceof MappingNode mapping)) {
      String name = section.path().isEmpty() ? "the configuration" : section.path();
      throw new ConfigException(
          name
              + " must be a section with the keys "
              + String.join(", ", section.keys())
              + (node instanceof ScalarNode s
                  ? ", not " + Excerpt.of(s.getValue())
                  : ", not a list")
              + " ("
              + place(node)
              + ")");
    }
    Set<String> seen = new HashSet<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode keyNode)) {
        throw new ConfigException("a key must be one word (" + place(tuple.getKeyNode()) + ")");
      }
      String key = section.canonical(keyNode.getValue());
      if (!seen.add(key)) {
        boolean alias = !key.equals(keyNode.getValue());
        throw new ConfigException(
            section.pathOf(key)
                + " is given twice"
                + (alias ? ", for which " + keyNode.getValue() + " is another name" : "")
                + ", remove one ("
                + place(keyNode)
                + ")");
      }
      entry(section, key, tuple.getValueNode(), place(keyNode));
    }
    PairKey pair = section.pair();
    if (pair != null
        && seen.contains(pair.key())
        && (seen.contains(pair.first()) || seen.contains(pair.second()))) {
      throw new ConfigException(
          section.pathOf(pair.key())
              + " stands for "
              + pair.first()
              + " and "
              + pair.second()
              + ", give either it or those ("
              + place(mapping)
              + ")");
    }
  }

  private void entry(Schema.Section section, String key, Node value, String place) {
    if (isPair(section, key)) {
      pair(section, value, place);
      return;
    }
    switch (child(section, key, place)) {
      case Schema.Section inner -> section(inner, value);
      case Schema.Leaf leaf -> value(leaf, value, place);
    }
  }

  private void value(Schema.Leaf leaf, Node node, String place) {
    try {
      layer.put(leaf.path(), ValueText.read(leaf, node), place);
    } catch (ConfigException e) {
      throw e.from(place);
    }
  }

  private static boolean isPair(Schema.Section section, String key) {
    return section.pair() != null && section.pair().key().equals(key);
  }

  private void pair(Schema.Section section, Node node, String place) {
    PairKey pair = section.pair();
    if (!(node instanceof SequenceNode list) || list.getValue().size() != 2) {
      throw new ConfigException(
          section.pathOf(pair.key())
              + " must be a list of two numbers, ["
              + pair.first()
              + ", "
              + pair.second()
              + "] ("
              + place
              + ")");
    }
    value((Schema.Leaf) section.children().get(pair.first()), list.getValue().get(0), place);
    value((Schema.Leaf) section.children().get(pair.second()), list.getValue().get(1), place);
  }

  private Schema child(Schema.Section section, String key, String place) {
    Schema child = section.children().get(section.canonical(key));
    if (child == null) {
      throw unknown(section, key, place);
    }
    return child;
  }

  private ConfigException unknown(Schema.Section section, String key, String place) {
    Optional<String> nearest =
        elsewhere(key).or(() -> NearestName.of(key, section.keys()).map(section::pathOf));
    String where = section.path().isEmpty() ? "at the top" : "in " + section.path();
    return new ConfigException(
        "unknown key "
            + Excerpt.of(section.pathOf(key))
            + nearest.map(name -> ", did you mean " + name + "?").orElse(";")
            + " Allowed "
            + where
            + ": "
            + String.join(", ", section.keys())
            + " ("
            + place
            + ")");
  }

  /** A key of this name in another section. */
  private Optional<String> elsewhere(String key) {
    List<String> found = new ArrayList<>();
    root.eachLeaf(
        (section, leaf) -> {
          if (leaf.path().equals(section.pathOf(key))) {
            found.add(leaf.path());
          }
        });
    return found.stream().findFirst();
  }

  private static boolean isNull(Node node) {
    return node instanceof ScalarNode s && s.isPlain() && ValueText.isNull(s.getValue());
  }

  private String place(Node node) {
    return node.getStartMark() == null
        ? origin
        : origin + " line " + (node.getStartMark().getLine() + 1);
  }
}
