package io.manifoldmuon.model.cli;

import java.util.Locale;

/** Numbers as people read them. */
final class Texts {
  private static final double KIBI = 1024;
  private static final int LONGEST_NAME = 60;

  private Texts() {}

  /** {@link String#format} without the manners of the machine's locale. */
  static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** Five digits, with an exponent where the number is far from 1. */
  static String number(double x) {
    double a = Math.abs(x);
    return a == 0 || (a >= 1e-3 && a < 1e5) || !Double.isFinite(a)
        ? format(a >= 1000 ? "%.1f" : "%.5f", x)
        : format("%.3e", x);
  }

  /** A name out of a file, on one line, cut where it is long. */
  static String shown(String name) {
    StringBuilder text = new StringBuilder();
    name.codePoints()
        .limit(LONGEST_NAME)
        .forEach(c -> text.appendCodePoint(Character.isISOControl(c) ? '?' : c));
    return name.codePointCount(0, name.length()) > LONGEST_NAME
        ? text.append("…").toString()
        : text.toString();
  }

  /** {@code 4:05} or {@code 1:02:03}. */
  static String duration(double seconds) {
    long s = Math.max(0, Math.round(seconds));
    return s < 3600
        ? format("%d:%02d", s / 60, s % 60)
        : format("%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
  }

  /** {@code 1.2 M}, for numbers of parameters. */
  static String count(long n) {
    if (n >= 1_000_000_000) {
      return format("%.2f B", n / 1e9);
    }
    return n >= 1_000_000 ? format("%.2f M", n / 1e6) : format("%,d", n);
  }

  /** {@code 3.4 MiB}. */
  static String bytes(long n) {
    String[] units = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double value = n;
    int unit = 0;
    while (value >= KIBI && unit < units.length - 1) {
      value /= KIBI;
      unit++;
    }
    return unit == 0 ? n + " bytes" : format("%.1f %s", value, units[unit]);
  }

  /** Text from a model without control characters, which could move the cursor. */
  static String printable(String text) {
    return text.codePoints()
        .map(c -> Character.isISOControl(c) && c != '\n' && c != '\t' ? 0xFFFD : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
