package io.manifoldmuon.tests.program;

import java.util.Locale;

/** Prints what the tests measured, so that a log shows how far from their bounds they are. */
final class Figures {
  private Figures() {}

  static void print(String format, Object... arguments) {
    System.out.println("  measured: " + String.format(Locale.ROOT, format, arguments));
  }
}
