package io.manifoldmuon.model.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The keys that a configuration may have, read off the records: a record is a section, a component
 * {@code batchSize} is the key {@code batch_size}. A new key is one component and one default.
 */
sealed interface Schema {
  /** The dotted name, empty for the whole. */
  String path();

  /**
   * A key that holds a value.
   *
   * @param nullable whether {@code null} may be given: exactly where the built-in default is null
   */
  record Leaf(String path, Class<?> type, boolean nullable) implements Schema {}

  /** A key that holds keys. */
  record Section(String path, Class<? extends Record> type, Map<String, Schema> children)
      implements Schema {

    /** The dotted name of a key of this section. */
    String pathOf(String key) {
      return path.isEmpty() ? key : path + "." + key;
    }

    /** Every key that may be written in this section. */
    List<String> keys() {
      List<String> keys = new ArrayList<>(children.keySet());
      PairKey pair = pair();
      if (pair != null) {
        keys.add(pair.key());
      }
      for (AliasKey alias : type.getAnnotationsByType(AliasKey.class)) {
        keys.add(alias.key());
      }
      return keys;
    }

    /** The key that a name means: the name itself, or what it is an alias of. */
    String canonical(String name) {
      for (AliasKey alias : type.getAnnotationsByType(AliasKey.class)) {
        if (alias.key().equals(name)) {
          return alias.of();
        }
      }
      return name;
    }

    /** The key that stands for two, or null. */
    PairKey pair() {
      return type.getAnnotation(PairKey.class);
    }

    /** Gives each leaf of this section and its subsections to {@code visit}, with its section. */
    void eachLeaf(BiConsumer<Section, Leaf> visit) {
      for (Schema child : children.values()) {
        switch (child) {
          case Section section -> section.eachLeaf(visit);
          case Leaf leaf -> visit.accept(this, leaf);
        }
      }
    }
  }

  /** The schema of the records in {@code defaults}. */
  static Section of(Record defaults) {
    return section("", defaults);
  }

  private static Section section(String path, Record defaults) {
    Map<String, Schema> children = new LinkedHashMap<>();
    for (RecordComponent component : defaults.getClass().getRecordComponents()) {
      String key = key(component);
      String childPath = path.isEmpty() ? key : path + "." + key;
      Object value = Records.get(component, defaults);
      children.put(
          key,
          value instanceof Record section
              ? section(childPath, section)
              : new Leaf(childPath, component.getType(), value == null));
    }
    return new Section(path, defaults.getClass(), children);
  }

  /** The key of a record component: {@code dModel} is {@code d_model}. */
  static String key(RecordComponent component) {
    StringBuilder key = new StringBuilder();
    for (char c : component.getName().toCharArray()) {
      if (Character.isUpperCase(c)) {
        key.append('_');
      }
      key.append(Character.toLowerCase(c));
    }
    return key.toString();
  }
}
