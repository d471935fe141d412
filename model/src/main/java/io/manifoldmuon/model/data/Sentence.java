package io.manifoldmuon.model.data;

import java.util.Locale;

/** Messages for people: formatted alike whatever the locale of the machine. */
final class Sentence {
  private Sentence() {}

  /** {@link String#format} in the root locale: 1,234.5. */
  static String of(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
