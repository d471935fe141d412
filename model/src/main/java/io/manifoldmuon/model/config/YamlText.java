package io.manifoldmuon.model.config;

import java.io.IOException;
import java.io.StringReader;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * YAML text to nodes and back. Only sections, lists and plain values exist: explicit tags are
 * refused, no object is ever constructed, every scalar stays text until its key gives it a type,
 * and size, depth and aliases are limited.
 */
final class YamlText {
  private static final int LONGEST = 1 << 18;
  private static final int DEEPEST = 16;
  private static final int MOST_ALIASES = 16;
  private static final Set<Tag> PLAIN_TAGS = Set.of(Tag.STR, Tag.SEQ, Tag.MAP);

  private YamlText() {}

  /** The text of a configuration file: UTF-8, at most 256 KiB. */
  static String readFile(Path file) {
    try {
      if (!Files.exists(file)) {
        throw new ConfigException("no file " + file + ", give the path of a YAML file");
      }
      if (!Files.isRegularFile(file)) {
        throw new ConfigException(file + " is not a file, give the path of a YAML file");
      }
      if (Files.size(file) > LONGEST) {
        throw tooLong(file.toString(), Files.size(file));
      }
      byte[] bytes = Files.readAllBytes(file);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new ConfigException(file + " is not UTF-8 text, give a YAML file");
    } catch (IOException e) {
      throw new ConfigException(file + " cannot be read: " + e.getMessage());
    }
  }

  /** The document in {@code text}, or null where there is none. */
  static Node parse(String text, String origin) {
    if (text.length() > LONGEST) {
      throw tooLong(origin, text.length());
    }
    try {
      Node document = reader().compose(new StringReader(text));
      refuseTags(document, origin);
      return document;
    } catch (MarkedYAMLException e) {
      String line = e.getProblemMark() == null ? "" : " line " + (e.getProblemMark().getLine() + 1);
      throw new ConfigException(origin + line + " is not valid YAML: " + oneLine(e.getProblem()));
    } catch (YAMLException e) {
      throw new ConfigException(origin + " is not valid YAML: " + oneLine(e.getMessage()));
    }
  }

  /** The node of text without quotes, whatever it contains. */
  static Node plain(String text) {
    return new ScalarNode(Tag.STR, text, null, null, DumperOptions.ScalarStyle.PLAIN);
  }

  /** The node of text in quotes: never null, never a number. */
  static Node quoted(String text) {
    return new ScalarNode(Tag.STR, text, null, null, DumperOptions.ScalarStyle.DOUBLE_QUOTED);
  }

  /** Every key of {@code record} with its value, sections indented. */
  static String write(Record record) {
    DumperOptions dumping = new DumperOptions();
    dumping.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    dumping.setSplitLines(false);
    return new Yaml(dumping).dump(tree(record));
  }

  private static Map<String, Object> tree(Record record) {
    Map<String, Object> tree = new LinkedHashMap<>();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Object value = Records.get(component, record);
      tree.put(
          Schema.key(component),
          switch (value) {
            case Record section -> tree(section);
            case Enum<?> constant -> constant.toString();
            case null -> null;
            default -> value;
          });
    }
    return tree;
  }

  private static Yaml reader() {
    LoaderOptions loading = new LoaderOptions();
    loading.setCodePointLimit(LONGEST);
    loading.setNestingDepthLimit(DEEPEST);
    loading.setMaxAliasesForCollections(MOST_ALIASES);
    loading.setAllowDuplicateKeys(false);
    loading.setAllowRecursiveKeys(false);
    DumperOptions unused = new DumperOptions();
    return new Yaml(
        new SafeConstructor(loading),
        new Representer(unused),
        unused,
        loading,
        new UntypedResolver());
  }

  /** Leaves every scalar without a tag a text. */
  private static final class UntypedResolver extends Resolver {
    @Override
    protected void addImplicitResolvers() {
      // None: the type comes from the key, never from the look of the text.
    }
  }

  /** Refuses explicit tags, so that a document says nothing but sections, lists and texts. */
  private static void refuseTags(Node document, String origin) {
    Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Node> open = new ArrayDeque<>(document == null ? List.of() : List.of(document));
    while (!open.isEmpty()) {
      Node node = open.pop();
      if (!seen.add(node)) {
        continue;
      }
      if (!PLAIN_TAGS.contains(node.getTag())) {
        throw new ConfigException(
            origin
                + " line "
                + (node.getStartMark().getLine() + 1)
                + " has the tag "
                + Excerpt.of(node.getTag().getValue())
                + "; configurations have no tags, remove it");
      }
      switch (node) {
        case SequenceNode list -> list.getValue().forEach(open::push);
        case MappingNode section ->
            section
                .getValue()
                .forEach(
                    entry -> {
                      open.push(entry.getKeyNode());
                      open.push(entry.getValueNode());
                    });
        default -> {}
      }
    }
  }

  private static ConfigException tooLong(String origin, long length) {
    return new ConfigException(
        origin + " has " + length + " bytes, a configuration has at most " + LONGEST);
  }

  private static String oneLine(String text) {
    return text == null ? "unreadable" : text.strip().replaceAll("\\s+", " ");
  }
}
