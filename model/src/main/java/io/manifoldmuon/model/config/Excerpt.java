package io.manifoldmuon.model.config;

/** Prints a value of a configuration for a message: on one line, and never longer than a line. */
final class Excerpt {
  private static final int LONGEST = 80;

  private Excerpt() {}

  /** Text in single quotes, control characters as {@code ?}, cut after 80 characters. */
  static String of(Object value) {
    if (!(value instanceof CharSequence text)) {
      return String.valueOf(value);
    }
    String oneLine =
        text.chars()
            .limit(LONGEST)
            .map(c -> Character.isISOControl(c) ? '?' : c)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    return "'" + oneLine + (text.length() > LONGEST ? "…'" : "'");
  }
}
