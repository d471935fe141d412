package io.manifoldmuon.model.config;

import java.util.List;

/** The checks that compact constructors of configuration records are made of. */
final class Require {
  private Require() {}

  /** {@code min ≤ value ≤ max}. */
  static void range(String key, long value, long min, long max) {
    if (value < min || value > max) {
      throw ConfigException.of(key, value, "a whole number from " + min + " to " + max);
    }
  }

  /** {@code value ≥ min}. */
  static void atLeast(String key, long value, long min) {
    if (value < min) {
      throw ConfigException.of(key, value, "a whole number of at least " + min);
    }
  }

  /** Finite and {@code min ≤ value ≤ max}; NaN fails. */
  static void range(String key, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      throw ConfigException.of(key, value, "a number from " + min + " to " + max);
    }
  }

  /** Finite and {@code value ≥ 0}; NaN fails. */
  static void notNegative(String key, double value) {
    if (!(value >= 0 && Double.isFinite(value))) {
      throw ConfigException.of(key, value, "a finite number of at least 0");
    }
  }

  /** Finite and {@code value > 0}; NaN fails. */
  static void positive(String key, double value) {
    if (!(value > 0 && Double.isFinite(value))) {
      throw ConfigException.of(key, value, "a finite number above 0");
    }
  }

  /** {@code 0 ≤ value < 1}; NaN fails. */
  static void fractionBelowOne(String key, double value) {
    if (!(value >= 0 && value < 1)) {
      throw ConfigException.of(key, value, "a number from 0 to below 1");
    }
  }

  /** {@code value} is one of {@code allowed}; the message has the nearest of them. */
  static void oneOf(String key, String value, List<String> allowed) {
    if (value == null || !allowed.contains(value)) {
      throw ConfigException.of(key, value, choices(value, allowed));
    }
  }

  /** "one of a, b, c; did you mean b?". */
  static String choices(String value, List<String> allowed) {
    String choices = allowed.size() == 1 ? allowed.get(0) : "one of " + String.join(", ", allowed);
    return value == null
        ? choices
        : NearestName.of(value, allowed)
            .map(near -> choices + "; did you mean " + near + "?")
            .orElse(choices);
  }

  /** Not null and not blank; {@code what} completes "but it must be …". */
  static void text(String key, String value, String what) {
    if (value == null || value.isBlank()) {
      throw ConfigException.of(key, value, what);
    }
  }

  /** Not null: for components that only Java code, and no configuration file, can leave out. */
  static void present(String key, Object value) {
    if (value == null) {
      throw ConfigException.of(key, null, "given");
    }
  }
}
