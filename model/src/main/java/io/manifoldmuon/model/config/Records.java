package io.manifoldmuon.model.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reads components of records, and makes a record from another and the keys that differ. */
final class Records {
  private Records() {}

  /** The value of {@code component} in {@code record}. */
  static Object get(RecordComponent component, Record record) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("configuration record " + record.getClass(), e);
    }
  }

  /** The dotted names of the leaves of {@code section} that differ between two such records. */
  static List<String> differences(Schema.Section section, Record one, Record other) {
    List<String> names = new ArrayList<>();
    for (RecordComponent component : section.type().getRecordComponents()) {
      Object a = get(component, one);
      Object b = get(component, other);
      switch (section.children().get(Schema.key(component))) {
        case Schema.Section child -> names.addAll(differences(child, (Record) a, (Record) b));
        case Schema.Leaf leaf -> {
          if (!Objects.equals(a, b)) {
            names.add(leaf.path());
          }
        }
      }
    }
    return names;
  }

  /**
   * {@code base} with the values of those leaves of {@code section} that {@code values} has, by
   * dotted name; the compact constructors check the result.
   */
  static Record with(Schema.Section section, Record base, Map<String, Object> values) {
    RecordComponent[] components = section.type().getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] arguments = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      Object old = get(components[i], base);
      arguments[i] =
          switch (section.children().get(Schema.key(components[i]))) {
            case Schema.Section child -> with(child, (Record) old, values);
            case Schema.Leaf leaf ->
                values.containsKey(leaf.path()) ? values.get(leaf.path()) : old;
          };
    }
    try {
      return section.type().getDeclaredConstructor(types).newInstance(arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("configuration record " + section.type(), e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("configuration record " + section.type(), e);
    }
  }
}
